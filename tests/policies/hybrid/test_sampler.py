"""The PyTorch sampler against fresh full forwards, and its barrier against arrival order, closing and cancellation."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest
import torch

from policies.hybrid import HybridConfig, HybridModel, TorchSampler, every
from policies.hybrid.decode import Turn, draw, uniforms
from policies.sampler import Limits, Sample, SamplerError

CONFIG = HybridConfig(
    vocab_size=29, hidden_size=32, intermediate_size=48, head_dim=8, block_size=8, layer_types=every(2, 4),
    residual="prenorm", token_shift=True, smear_keys=True,
)  # fmt: skip
STOP = frozenset({3, 4})
GROUPS = [[5, 6, 7, 8, 9], [10, 11], [12] * 300]  # one prompt longer than a prefill segment


@pytest.fixture(scope="module")
def model() -> HybridModel:
    torch.manual_seed(0)
    model = HybridModel(CONFIG).eval()
    with torch.no_grad():
        model.lm_head.weight.mul_(30)  # far from uniform, near enough to end turns at different steps
    return model


def oracle(model: HybridModel, context: Sequence[int], sample: Sample, temperature: float = 1.0) -> list[float]:
    """Log-probs of a sample by one full forward."""
    with torch.no_grad():
        logits = model(torch.tensor([[*context, *sample.ids]]))[0][0, len(context) - 1 : -1]
    return (logits / temperature).log_softmax(-1).gather(1, torch.tensor(sample.ids)[:, None])[:, 0].tolist()


async def episode(
    sampler: TorchSampler, name: str, prompt: list[int], turns: int, jitter: random.Random
) -> list[tuple[list[int], Sample]]:
    """A conversation: each turn is answered by a few ids that depend on it; the environment takes its time."""
    played, context = [], list(prompt)
    try:
        for turn in range(turns):
            for _ in range(jitter.randrange(4)):
                await asyncio.sleep(0)
            sample = await sampler.sample(context, session=name, limits=Limits(9, STOP, temperature=1.3))
            played.append((list(context), sample))
            context += [*sample.ids, *range(5, 6 + (len(sample.ids) + turn) % 4)]
    finally:
        sampler.close(name)
    return played


async def rollouts(model: HybridModel, arrival: int, groups: int = 4) -> tuple[TorchSampler, dict[str, list]]:
    sampler, jitter = TorchSampler(model, seed=7), random.Random(arrival)
    plan = {f"{g}/{i}": (prompt, 1 + (i + g) % 4) for g, prompt in enumerate(GROUPS) for i in range(groups)}
    with sampler.cohort(plan):
        order = jitter.sample(sorted(plan), len(plan))
        results = await asyncio.gather(*(episode(sampler, name, *plan[name], jitter) for name in order))
    return sampler, dict(zip(order, results, strict=True))


async def test_logprobs_are_those_of_a_fresh_full_forward(model: HybridModel) -> None:
    sampler, played = await rollouts(model, arrival=0)
    finishes = set()
    for context, sample in (turn for turns in played.values() for turn in turns):
        assert sample.logprobs == pytest.approx(oracle(model, context, sample, 1.3), abs=1e-4)
        assert (sample.finish == "stop") == (sample.ids[-1] in STOP)
        assert not STOP & set(sample.ids[:-1])
        assert sample.finish == "stop" or len(sample.ids) == 9
        finishes.add(sample.finish)
    assert finishes == {"stop", "length"}
    assert sampler.counts.prefix_misses == 0


async def test_a_rollout_does_not_depend_on_arrival_order(model: HybridModel) -> None:
    (first, one), (second, two) = await rollouts(model, arrival=1), await rollouts(model, arrival=2)
    assert list(one) != list(two)
    assert one == {name: two[name] for name in one}
    assert first.counts == second.counts
    assert len({sample.ids for turns in one.values() for _, sample in turns}) > len(one)


async def test_group_members_share_one_prefill_and_draw_apart(model: HybridModel) -> None:
    sampler = TorchSampler(model, seed=1)
    names = [f"g{i}" for i in range(8)]
    with sampler.cohort(names):
        samples = await asyncio.gather(*(sampler.sample([5, 6, 7], session=n, limits=Limits(6)) for n in names))
    assert (sampler.counts.prefilled_tokens, sampler.counts.shared_prompts, sampler.counts.waves) == (3, 7, 1)
    assert len({sample.ids for sample in samples}) > 4
    assert sampler.counts.sampled_tokens == 48


async def test_a_turn_reads_only_what_is_new(model: HybridModel) -> None:
    sampler, limits = TorchSampler(model), Limits(4)
    first = await sampler.sample([5, 6, 7, 8], session="a", limits=limits)
    context = [5, 6, 7, 8, *first.ids, 9, 10]
    second = await sampler.sample(context, session="a", limits=limits)
    assert sampler.counts.prefilled_tokens == 4 + 3  # the last sampled id was drawn but not yet read
    assert second.logprobs == pytest.approx(oracle(model, context, second), abs=1e-4)


async def test_a_context_that_does_not_extend_the_session_is_read_again(model: HybridModel) -> None:
    sampler, limits = TorchSampler(model), Limits(4)
    await sampler.sample([5, 6, 7, 8], session="a", limits=limits)
    sample = await sampler.sample([5, 6, 9, 8], session="a", limits=limits)
    assert sampler.counts.prefix_misses == 1
    assert sample.logprobs == pytest.approx(oracle(model, [5, 6, 9, 8], sample), abs=1e-4)


async def test_new_weights_stamp_samples_and_read_open_sessions_again(model: HybridModel) -> None:
    torch.manual_seed(3)
    trained, limits = HybridModel(CONFIG), Limits(4)
    sampler = TorchSampler(trained)
    first = await sampler.sample([5, 6], session="a", limits=limits)
    with torch.no_grad():
        trained.lm_head.weight.mul_(9)
        trained.layers[0].self_attn.qkv_proj.weight.mul_(2)
    sampler.update(5)
    context = [5, 6, *first.ids, 7]
    second = await sampler.sample(context, session="a", limits=limits)
    assert (first.weights, second.weights, sampler.counts.stale_prefixes) == (0, 5, 1)
    assert second.logprobs == pytest.approx(oracle(trained, context, second), abs=1e-4)


async def test_greedy_takes_the_likeliest_token(model: HybridModel) -> None:
    sample = await TorchSampler(model).sample([5, 6], session="a", limits=Limits(5, greedy=True))
    for at, token in enumerate(sample.ids):
        with torch.no_grad():
            assert model(torch.tensor([[5, 6, *sample.ids[:at]]]))[0][0, -1].argmax() == token


async def test_closing_lets_the_others_go_on(model: HybridModel) -> None:
    sampler = TorchSampler(model)
    with sampler.cohort(["a", "b", "c"]):
        waiting = [asyncio.ensure_future(sampler.sample([5], session=s, limits=Limits(2))) for s in "ab"]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert sampler.counts.waves == 0
        sampler.close("c")
        assert len(await asyncio.wait_for(asyncio.gather(*waiting), 5)) == 2


async def test_a_cancelled_rollout_does_not_hang_the_others(model: HybridModel) -> None:
    sampler, steady = TorchSampler(model), random.Random(0)
    with sampler.cohort(["a", "b", "never"]):
        tasks = [asyncio.ensure_future(episode(sampler, s, [5, 6], 3, steady)) for s in "ab"]
        for _ in range(8):
            await asyncio.sleep(0)
        tasks[1].cancel()
        sampler.close("never")
        assert len(await asyncio.wait_for(tasks[0], 5)) == 3
        with pytest.raises(asyncio.CancelledError):
            await tasks[1]


async def test_a_failing_wave_fails_every_waiting_turn_and_the_next_one_recovers(model: HybridModel) -> None:
    sampler = TorchSampler(model)
    first = await sampler.sample([5, 6], session="a", limits=Limits(2))
    broken = model.norm.weight.data
    model.norm.weight.data = broken[:3]
    with pytest.raises(RuntimeError):
        await sampler.sample([5, 6, *first.ids, 7], session="a", limits=Limits(2))
    model.norm.weight.data = broken
    context = [5, 6, *first.ids, 7]
    sample = await sampler.sample(context, session="a", limits=Limits(2))
    assert sample.logprobs == pytest.approx(oracle(model, context, sample), abs=1e-4)


async def test_requests_that_cannot_be_served_say_why(model: HybridModel) -> None:
    sampler = TorchSampler(model, max_context=20)
    for ids, limits, reason in [
        ([], Limits(1), "empty"),
        ([29], Limits(1), r"0\.\.28"),
        ([1] * 15, Limits(6), "max_context=20"),
    ]:
        with pytest.raises(SamplerError, match=reason):
            await sampler.sample(ids, session="a", limits=limits)
    with pytest.raises(SamplerError, match="max_tokens"):
        Limits(0)
    with pytest.raises(SamplerError, match="greedy=True"):
        Limits(1, temperature=0)
    sampler.register(["a", "b"])
    with pytest.raises(SamplerError, match="registered twice: a"):
        sampler.register(["a"])
    waiting = asyncio.ensure_future(sampler.sample([1], session="a", limits=Limits(1)))
    await asyncio.sleep(0)
    with pytest.raises(SamplerError, match="one turn at a time"):
        await sampler.sample([1], session="a", limits=Limits(1))
    waiting.cancel()


def test_draws_follow_the_distribution_and_never_an_impossible_token() -> None:
    logits = torch.tensor([[-torch.inf, 0.0, -torch.inf, 1.0, 2.0, -torch.inf]])
    points = uniforms(0, "s", 0, 4000)
    assert (points == uniforms(0, "s", 0, 4000)).all()
    assert uniforms(0, "s", 1, 1) != uniforms(0, "s", 0, 1) != uniforms(1, "s", 0, 1)
    turns = [Turn(Limits(1), points[i : i + 1]) for i in range(4000)]
    edges = [Turn(Limits(1), x) for x in (points[:1] * 0, points[:1] * 0 + (1 - 2**-53))]
    tokens, logprobs = draw(logits.expand(4002, -1), turns + edges)
    assert tokens[-2:] == [1, 4]
    share = torch.bincount(torch.tensor(tokens), minlength=6) / len(tokens)
    torch.testing.assert_close(share, logits.softmax(-1)[0], atol=0.03, rtol=0)
    assert share[0] == share[2] == share[5] == 0
    assert logprobs[0] == pytest.approx(logits.log_softmax(-1)[0, tokens[0]].item())


def test_rows_left_behind_no_longer_count(model: HybridModel) -> None:
    """A short row that plays without the longest one of its cohort has all its own cells to itself."""
    with torch.inference_mode():
        state = model(torch.ones(2, 30, dtype=torch.long), lengths=torch.tensor([30, 2]))[1].with_capacity(32)
        short = state.select([1])
        for _ in range(30):
            model(torch.ones(1, 1, dtype=torch.long), state=short)
    assert (short.longest, short.lengths.tolist()) == (32, [32])
