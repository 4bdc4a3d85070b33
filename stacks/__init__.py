"""The businesses: `<business>.yaml` is what one sets, `build` in `<business>.py` what it is built from."""
