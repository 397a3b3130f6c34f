"""The pages: the only place that knows Gradio. `build` makes the app, `launch_options` says how it is served."""

from inspector.pages.annotate import annotations
from inspector.pages.shell import build, launch_options, warm_up

__all__ = ["annotations", "build", "launch_options", "warm_up"]
