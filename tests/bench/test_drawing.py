"""Growth curves are well-formed pictures in which nothing lies outside or on one another."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from bench.drawing import HEIGHT, WIDTH, Curve, svg

SVG = "{http://www.w3.org/2000/svg}"
CURVE = Curve(
    "A < B",
    "MB",
    {
        "seconds": [(10, 0.5), (100, 5.0), (1000, 50.0)],
        "seconds of the copy": [(10, 0.5), (100, 5.0), (1000, 50.0)],
        "requests": [(10, 0), (1000, 0)],
    },
)


def picture(curve: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(svg(curve))


def test_growth_in_proportion_is_a_straight_line() -> None:
    line = picture(CURVE).findall(f"{SVG}polyline")[0].attrib["points"].split()
    (x1, y1), (x2, y2), (x3, y3) = (map(float, each.split(",")) for each in line)
    assert abs((x2 - x1) - (x3 - x2)) < 0.2
    assert abs((y2 - y1) - (y3 - y2)) < 0.2
    assert y1 > y3


def test_everything_lies_within_the_picture_even_what_is_nothing() -> None:
    for circle in picture(CURVE).iter(f"{SVG}circle"):
        assert 0 < float(circle.attrib["cx"]) < WIDTH
        assert 0 < float(circle.attrib["cy"]) < HEIGHT


def test_the_names_of_curves_that_end_in_one_place_do_not_cover_each_other() -> None:
    names = [each for each in picture(CURVE).iter(f"{SVG}text") if each.text in CURVE.lines]
    places = sorted(float(each.attrib["y"]) for each in names)
    assert len(places) == 3
    assert min(b - a for a, b in pairwise(places)) >= 16


def test_a_curve_of_one_point_can_be_drawn() -> None:
    assert picture(Curve("t", "x", {"a": [(1, 1)]})).find(f"{SVG}circle") is not None
