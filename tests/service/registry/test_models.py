import pytest

from service.errors import UnknownModelError
from service.registry.models import Models, NamedModel, RefusedVersion, ServedModel

BAD = (RefusedVersion(1, "bad"),)


def test_the_only_model_at_the_start_stays_the_default(pump: ServedModel) -> None:
    models = Models({"pump": NamedModel("pump", pump)})
    models.put(NamedModel("valve", None, BAD))
    assert models.default() is pump


def test_the_default_is_gone_with_its_model(pump: ServedModel) -> None:
    models = Models({"pump": NamedModel("pump", pump)})
    models.put(NamedModel("valve", pump))
    models.remove("pump")
    with pytest.raises(UnknownModelError, match="there are 'valve'"):
        models.default()


def test_models_may_change_while_someone_goes_through_them(pump: ServedModel) -> None:
    models = Models({"pump": NamedModel("pump", pump)})
    met = []
    for named in models:
        models.put(NamedModel("valve", pump))
        models.remove("pump")
        met.append(named.name)
    assert met == ["pump"]


def test_a_name_that_came_up_without_a_good_version_is_no_fault_of_the_service() -> None:
    models = Models({"pump": NamedModel("pump", None, BAD)})
    models.put(NamedModel("valve", None, BAD, is_awaited=False))
    assert models.faults == ["model 'pump' has no version that can be served (version 1: bad)"]
