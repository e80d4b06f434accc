"""The trainer: supervised fine-tuning on oracle trajectories, then reinforcement learning with CISPO, GRPO or DAPO."""
