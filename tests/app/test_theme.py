"""The theme can be read: contrast of text and colours, and colours that stay apart for colour-blind readers."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from core.charts import base

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())
THEMES = {name: CONFIG["theme"][name] for name in ("light", "dark")}
CAPTION = 0.6
"""Streamlit draws captions in the text colour at this opacity."""
ADVOCATE, REFERRED, PAID, ORGANIC, BASELINE, PARTNER, POSITIVE, NEGATIVE, NEUTRAL, TOTAL = range(10)

# How red-, green- and blue-blind readers see linear RGB: Machado, Oliveira, Fernandes (2009), severity 1.
EYES = {
    "full": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def rgb(colour):
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def linear(values):
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(front, back):
    """WCAG 2.2 contrast ratio of two RGB triples."""
    one, other = sorted((linear(value) @ XYZ[1] for value in (front, back)), reverse=True)
    return (one + 0.05) / (other + 0.05)


def lab(colour, eye):
    scaled = XYZ @ np.clip(np.asarray(EYES[eye]) @ linear(rgb(colour)), 0, 1) / WHITE
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colours):
    """The least CIELAB distance of any two colours for any eye."""
    return min(
        np.linalg.norm(lab(one, eye) - lab(other, eye))
        for eye in EYES
        for one, other in itertools.combinations(colours, 2)
    )


def test_contrast_agrees_with_its_published_ends():
    assert contrast(rgb("#000000"), rgb("#FFFFFF")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#FFFFFF")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("back", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_is_legible(theme, back):
    ground = rgb(theme[back])
    caption = CAPTION * rgb(theme["textColor"]) + (1 - CAPTION) * ground
    for front in (rgb(theme["textColor"]), caption, rgb(theme["linkColor"])):
        assert contrast(front, ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_accent_carries_white_text_and_stands_out_from_both_grounds(theme):
    accent = rgb(theme["primaryColor"])
    assert contrast(rgb("#FFFFFF"), accent) >= 4.5
    assert min(contrast(accent, rgb(theme[back])) for back in ("backgroundColor", "secondaryBackgroundColor")) >= 3


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_labels_in_a_colour_of_the_charts_are_legible(theme):
    ground = rgb(theme["backgroundColor"])
    colours = theme["chartCategoricalColors"]
    for index in (ADVOCATE, REFERRED, PAID, ORGANIC, BASELINE, POSITIVE, NEGATIVE, TOTAL):
        assert contrast(rgb(colours[index]), ground) >= 4.5, index
    for index in (PARTNER, NEUTRAL):
        assert contrast(rgb(colours[index]), ground) >= 3, index


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_meaning_has_its_slot(theme):
    # With fewer than ten Streamlit fills in "undefined" and the front end drops all of them.
    assert len(theme["chartCategoricalColors"]) == len(base.MEANINGS) == 10
    assert tuple(f"#{slot:06d}" for slot in range(1, 11)) == base.MEANINGS


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colours_seen_together_stay_apart_for_every_eye(theme):
    colours = theme["chartCategoricalColors"]
    assert nearest(colours[:PARTNER]) >= 13
    assert nearest([colours[index] for index in (POSITIVE, NEGATIVE, TOTAL)]) >= 20


def test_nothing_is_sent_out_and_nothing_listens_outside():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["disableDataExport"] is True
    assert CONFIG["runner"]["postScriptGC"] is False
    assert not {"trustedUserHeaders", "unsafeMetricsUserAttributes"} & set(CONFIG["server"])


def test_a_chart_follows_its_inks_when_the_scheme_changes_under_it():
    style = (Path(__file__).parents[2] / "pages" / "_app" / "static" / "app.css").read_text()
    for light, dark in zip(*(theme["chartCategoricalColors"] for theme in THEMES.values()), strict=True):
        drawn = [f"rgb({', '.join(str(round(255 * part)) for part in rgb(colour))})" for colour in (light, dark)]
        for what in ("fill", "stroke"):
            found = ",".join(f'[style*="{what}: {colour}"]' for colour in drawn)
            assert f"is({found}){{{what}:light-dark({light},{dark})!important}}" in style
        words = ",".join(f'[style*="fill:{colour}"]' for colour in (light, dark))
        assert f"tspan:is({words}){{fill:light-dark({light},{dark})!important}}" in style
