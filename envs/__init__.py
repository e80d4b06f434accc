"""Gymnasium environments over the tool servers; importing this package registers them.

    import envs, gymnasium
    env = gymnasium.make("dive/Financial-v0")

Asynchronous code drives `envs.tool_env.AsyncToolEnv` with the messages of `envs.messages`.
"""

from envs.registration import register

register()
