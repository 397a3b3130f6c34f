"""The pages: the only place that knows Gradio. `build` makes the app, `launch_options` says how it is served."""

from inspector.pages.shell import build, launch_options, warm_up

__all__ = ["build", "launch_options", "warm_up"]
