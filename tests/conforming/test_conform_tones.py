"""The curve between a source's tones and a film's, found beside captions and transitions."""

from __future__ import annotations

import numpy as np

from smartcut.conforming.tones import fitted_tones


def test_frames_of_a_transition_and_captions_leave_the_curve_as_it_is() -> None:
    random = np.random.default_rng(3)
    seen = random.uniform(0.1, 0.9, (16, 36, 64)).astype(np.float32)
    own = 0.05 + 0.9 * seen + 0.005 * random.standard_normal(seen.shape)
    own[2:8, 28:33, 8:56] = 0.95  # a caption in most frames
    other = random.uniform(0, 1, seen.shape)
    for k in range(9, 16):  # it dissolves into another picture
        share = (k - 8) / 8
        own[k] = (1 - share) * own[k] + share * other[k]
    found = fitted_tones(own.astype(np.float32), seen)
    np.testing.assert_allclose(
        found(np.array([0, 128, 255], np.uint8)), [0.05, 0.502, 0.95], atol=0.01
    )
    assert found.noise < 1e-4
    assert found.covered[28:33, 8:56].all()
    assert found.covered.mean() < 0.12
