import numpy as np

from model.image_grid import tile


def test_images_stand_in_rows_and_the_rest_is_paper() -> None:
    images = np.arange(3.0)[:, None, None, None] * np.ones((3, 2, 1, 1)) / 10
    sheet = tile(images, 2)
    assert sheet.shape == (4, 2, 1)
    np.testing.assert_array_equal(sheet[:, :, 0], [[0, 0.1], [0, 0.1], [0.2, 1], [0.2, 1]])
