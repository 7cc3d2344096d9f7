import torch

from model.absence import Absence, AbsenceGraph, likeliest_change


def test_the_likeliest_change_is_the_least_squares_solution_over_the_absent_values() -> None:
    generator = torch.Generator().manual_seed(0)
    deviation, directions = (torch.randn(size, dtype=torch.float64, generator=generator) for size in ((20, 6), (6, 6)))
    absent = (torch.rand(20, 6, generator=generator) < 0.4).double()
    change = likeliest_change(deviation, directions, absent)
    for row in range(20):
        columns = absent[row].nonzero()[:, 0]
        expected = torch.zeros(6, dtype=torch.float64)
        if len(columns):
            expected[columns] = torch.linalg.lstsq(directions[:, columns], -deviation[row][:, None]).solution[:, 0]
        torch.testing.assert_close(change[row], expected, rtol=1e-6, atol=1e-6)


def test_where_nothing_is_absent_nothing_changes() -> None:
    ones = torch.ones(3, 4, dtype=torch.float64)
    assert not likeliest_change(ones, torch.eye(4, dtype=torch.float64), 0 * ones).any()


def test_the_factor_is_interpolated_between_known_counts_and_stays_beyond_the_last() -> None:
    known = Absence(torch.tensor([0.0, 1.0, 3.0]).double(), torch.tensor([1.0, 0.8, 1.2]).double())
    graph = AbsenceGraph(known, 6)
    absent = torch.tril(torch.ones(6, 6, dtype=torch.float64), diagonal=-1)
    score = torch.full((6,), 10.0, dtype=torch.float64)
    expected = torch.tensor([10.0, 8.0, 10.0, 12.0, 12.0, 12.0], dtype=torch.float64)
    torch.testing.assert_close(graph(score, absent), expected)
