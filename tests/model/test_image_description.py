import torch

from model.image_description import DescriptionGraph


def edge(angle_swapped: bool) -> torch.Tensor:
    image = torch.zeros(1, 1, 16, 16)
    image[..., 8:] = 1.0
    return image.transpose(2, 3).contiguous() if angle_swapped else image


def test_a_uniform_image_shows_no_change_anywhere_and_its_own_colour() -> None:
    graph = DescriptionGraph(colours=2, cell=4)
    described = graph(torch.tensor([3.0, -1.0])[None, :, None, None].expand(1, 2, 16, 16))
    torch.testing.assert_close(described[:, -2:, 0, 0], torch.tensor([[3.0, -1.0]]))
    assert float(described[:, :-2].std()) < 1e-4


def test_what_turns_by_a_right_angle_answers_in_other_filters() -> None:
    graph = DescriptionGraph(colours=1, cell=4)
    upright, lying = graph(edge(False)), graph(edge(True))
    assert float((upright - lying.transpose(2, 3)).abs().max()) > 0.1
    swapped = upright[0, :12].amax(dim=(1, 2)).sort().values
    torch.testing.assert_close(swapped, lying[0, :12].amax(dim=(1, 2)).sort().values)


def test_a_shift_within_a_cell_changes_little_beside_a_shift_to_the_next() -> None:
    graph = DescriptionGraph(colours=1, cell=8)
    x = torch.zeros(1, 1, 32, 32)
    x[..., 10:13, 10:13] = 3.0
    at, near, far = (graph(x.roll(by, dims=(2, 3))) for by in ((0, 0), (1, 1), (8, 8)))
    assert float((at - near).norm()) < 0.5 * float((at - far).norm())
