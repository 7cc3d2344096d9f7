"""Write the golden bundle anew, over the old one: ``python -m tests.golden.make_bundle``."""

import shutil

from tests.factories import write_small_bundle
from tests.golden.bundle import GOLDEN_BUNDLE

if __name__ == "__main__":
    shutil.rmtree(GOLDEN_BUNDLE)
    write_small_bundle(GOLDEN_BUNDLE.parents[1])
