import pytest

from model.image_plan import ImagePlan


@pytest.mark.parametrize(
    ("height", "width", "cells", "tiles"),
    [
        (8, 8, (4, 4), (1, 1)),
        (28, 28, (7, 7), (1, 1)),
        (256, 256, (16, 16), (1, 1)),
        (1024, 512, (64, 32), (4, 2)),
    ],
)
def test_small_images_have_small_cells_and_large_ones_are_cut_into_tiles(
    height: int, width: int, cells: tuple[int, int], tiles: tuple[int, int]
) -> None:
    plan = ImagePlan.of(height, width, 1)
    assert plan.cells == cells
    assert (plan.height.tiles, plan.width.tiles) == tiles


@pytest.mark.parametrize("side", range(8, 1200, 7))
def test_every_size_has_sides_that_cells_and_convolutions_divide(side: int) -> None:
    plan = ImagePlan.of(side, 2 * side, 3)
    for part in (plan.height, plan.width):
        assert part.whole % 4 == 0
        assert part.working % plan.cell == 0
        assert 0 < part.whole <= part.pixels
        assert part.tiles * part.working <= part.pixels
