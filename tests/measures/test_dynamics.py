"""Moves of a curve: those made on purpose are found, jitter and lone spikes are not."""

import random

import pytest

from inspector.measures.dynamics import FEWEST, Point, course, turning_points
from tests.logs import hump


def shape(values) -> str:
    return course(range(len(values)), values).shape


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, 2, 3, 4, 5, 6, 7], "rise"),
        ([7, 6, 5, 4, 3, 2, 1], "fall"),
        ([1, 3, 5, 7, 6, 5, 4, 3], "rise_fall"),
        ([7, 5, 3, 1, 2, 3, 4, 5], "fall_rise"),
        ([5.0] * 9, "flat"),
        ([0] * 9, "flat"),
        ([1, 3, 5, 7, 9, 11, 9, 7, 5, 3, 5, 7, 9, 11, 13], "several"),
        ([10, 10.1, 10.2, 10.1, 10.2, 10.3], "flat"),  # 3 % of the value
        ([10, 20, 30, 90, 40, 50, 60, 70], "rise"),  # a lone spike is no peak
        ([10, 20, 30, 40, 50, 60, 70, 5], "rise"),  # nor is the last point, standing alone
    ],
)
def test_shapes(values, found):
    assert shape(values) == found


def test_the_peak_stands_where_the_values_are_highest():
    found = course([0, 10, 20, 30, 40, 50, 60], [1, 4, None, 9, 8, 6, 3])
    assert found.points == (Point(0, 1), Point(30, 9), Point(60, 3)) and found.moves == (1, -1)


def test_a_fall_is_told_as_one_though_a_lone_first_point_lies_below():
    found = course(range(9), [20, 75, 74, 71, 67, 64, 60, 61, 60])
    assert found.shape == "fall"
    assert found.points[0].y > found.points[-1].y == 60
    found = course(range(9), [10, 11, 14, 20, 30, 40, 50, 60, 2])
    assert found.shape == "rise"
    assert found.points[0].y == 10 < found.points[-1].y


@pytest.mark.parametrize("values", [[], [None] * 50, [1, 9, 1, 9, 1], [1, None, 2, None, 3, 9, 1]])
def test_too_few_points_say_nothing(values):
    assert sum(v is not None for v in values) < FEWEST
    assert course(range(len(values)), values) is None


@pytest.mark.parametrize("points", [20, 60, 300])
def test_noise_alone_is_flat_and_a_noisy_hump_is_one(points):
    draw = random.Random(7)
    alone = [[100 + draw.gauss(0, 3) for _ in range(points)] for _ in range(40)]
    humps = [[hump(i / points) + draw.gauss(0, 1) for i in range(points)] for _ in range(40)]
    assert sum(shape(values) != "flat" for values in alone) <= 4
    assert sum(shape(values) == "rise_fall" for values in humps) >= 36


def test_turning_points_are_extremes_that_the_values_come_away_from():
    assert turning_points([0, 5, 4, 9, 2, 3, 2], 3) == [0, 3, 4]
    assert turning_points([0, 1, 2, 1], 3) == []
