"""What holds for every test."""

import os

from hypothesis import settings

# Machines are slow at times, so no example has a deadline. In CI the same examples run every time;
# elsewhere new ones are looked for.
settings.register_profile("gitopsd", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("gitopsd")
