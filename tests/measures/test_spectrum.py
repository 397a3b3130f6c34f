"""Spectrum against the Gram matrix's eigenvalues and cases by hand."""

import numpy as np
import pytest

from inspector.measures.spectrum import (
    cumulative_energy,
    directions_for,
    effective_rank,
    kept,
    parse_truncation,
    singular_values,
    spectrum,
    truncate,
)


def memory(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


@pytest.mark.parametrize("shape", [(7, 12), (12, 7), (5, 5), (1, 9)])
def test_singular_values_are_the_roots_of_the_gram_matrix(shape):
    z = memory(*shape)
    gram = z @ z.T if shape[0] < shape[1] else z.T @ z
    expected = np.sqrt(np.sort(np.linalg.eigvalsh(gram))[::-1])
    assert singular_values(z) == pytest.approx(expected, rel=1e-9)


def test_singular_values_are_all_of_them_in_order_and_of_float64():
    rank_two = np.outer([1, 2, 3], [1, 0, 1, 0]) + np.outer([0, 1, -1], [0, 1, 0, 2])
    values = singular_values(rank_two.astype(np.float32))
    assert values.dtype == np.float64 and len(values) == 3 and (np.diff(values) <= 0).all()
    assert values[2] < 1e-12 < values[1]


def test_singular_values_are_not_centred():
    assert singular_values(np.ones((4, 9))) == pytest.approx([6, 0, 0, 0], abs=1e-12)


def test_effective_rank_of_known_cases():
    assert effective_rank(singular_values(np.eye(6))) == pytest.approx(6)
    assert effective_rank(singular_values(np.outer([1.0, 2, 3], [4.0, 5]))) == pytest.approx(1)
    # σ = 3, 1: p = 3/4, 1/4; H = 3/4 ln 4/3 + 1/4 ln 4, so exp H = (4/3)^(3/4) · 4^(1/4)
    assert effective_rank(np.array([3.0, 1.0])) == pytest.approx((4 / 3) ** 0.75 * 4**0.25)


def test_effective_rank_has_no_scale_and_lies_between_one_and_the_rank():
    values = singular_values(memory(9, 30))
    assert effective_rank(values * 1e-7) == pytest.approx(effective_rank(values))
    assert 1 < effective_rank(values) < 9


@pytest.mark.parametrize("values", [[0.0, 0.0], [1.0, -1.0], []])
def test_effective_rank_refuses_what_is_no_spectrum(values):
    with pytest.raises(ValueError, match="effective rank needs singular values"):
        effective_rank(np.array(values))


@pytest.mark.parametrize("rows", [np.zeros((0, 4)), np.zeros(3), np.array([[1.0, np.nan]]), np.array([[np.inf, 1.0]])])
def test_singular_values_refuse_what_is_no_memory(rows):
    with pytest.raises(ValueError, match=r"at least one row|not finite"):
        singular_values(rows)


def test_energy_by_hand():
    values = np.array([4.0, 2.0, 2.0, 1.0])  # energies 16 4 4 1, of 25
    assert cumulative_energy(values) == pytest.approx([0.64, 0.80, 0.96, 1.0])
    assert [directions_for(values, s) for s in (0.01, 0.64, 0.641, 0.8, 0.81, 0.96, 0.97, 1.0)] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_all_the_energy_needs_only_the_rank():
    rank_three = memory(8, 3) @ memory(3, 20, seed=1)
    assert directions_for(singular_values(rank_three), 1.0) == 3


@pytest.mark.parametrize("keep", [1, 3, 6])
def test_truncation_keeps_the_strongest_directions_and_leaves_the_rest_as_error(keep):
    z = memory(6, 10)
    values, rebuilt = singular_values(z), truncate(z, keep)
    assert rebuilt.shape == z.shape
    assert singular_values(rebuilt)[:keep] == pytest.approx(values[:keep])
    assert np.linalg.norm(z - rebuilt) == pytest.approx(np.sqrt((values[keep:] ** 2).sum()), abs=1e-9)


def test_truncations_are_read_and_applied():
    values = np.array([4.0, 2.0, 2.0, 1.0])
    wanted = {"8": 4, "2": 2, " 3 ": 3, "90%": 3, "64%": 1, "64.1%": 2, "100%": 4}
    assert {text: parse_truncation(text).directions(values) for text in wanted} == wanted


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "8.5", "0%", "101%", "%", "90 %", "nan%", "1e3", "٣", "9" * 5000, "9" * 5000 + "%", "a"]
)
def test_what_is_no_truncation_is_refused_in_one_short_sentence(text):
    with pytest.raises(
        ValueError, match=r"^cannot truncate to .*: give a count from 1 such as 8, or an energy share such as 90%$"
    ) as error:
        parse_truncation(text)
    assert len(str(error.value)) < 150


def test_a_spectrum_holds_the_memory_as_decoded_and_the_original():
    z = memory(6, 10)
    made = spectrum(truncate(z, 2), untruncated=singular_values(z))
    assert made.rows == 6 and len(made.singular_values) == 6 and made.effective_rank <= 2 + 1e-9
    assert (
        made.untruncated[:2] == pytest.approx(made.singular_values[:2]) and made.untruncated[2] > 1e-3 > made.singular_values[2]
    )
    assert spectrum(z).untruncated is None


def test_what_was_kept_is_counted_and_weighed():
    z = np.diag([4.0, 3.0, 2.0, 1.0])
    assert kept(spectrum(z)) == (4, 1.0)
    count, energy = kept(spectrum(truncate(z, 2), untruncated=singular_values(z)))
    assert count == 2 and energy == pytest.approx(25 / 30)
