"""The drawers that come with smartcut, one in each module; see :mod:`smartcut.drawer`."""
