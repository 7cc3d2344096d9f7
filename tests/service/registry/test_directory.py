import shutil
from pathlib import Path

import onnx
import pytest

from model.errors import InputError
from service.errors import NoDefaultModelError, NotReadyError, UnknownModelError
from service.registry.directory import load_models
from tests.service.bundles import Files, Manifest, fail_golden_check, put_bundle


def test_the_highest_version_is_served(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        put_bundle(tmp_path, version=version)
    assert load_models(tmp_path, "cpu").get("pump").version == 10


def test_what_begins_with_a_dot_is_passed_over(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, name=".trash")
    (tmp_path / "pump" / ".incoming-x").mkdir()
    assert [named.name for named in load_models(tmp_path, "cpu")] == ["pump"]


def test_what_is_no_version_is_passed_over(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    for name in ("latest", "02", "-1", "٣", "notes"):
        (tmp_path / "pump" / name).mkdir()
    (tmp_path / "README.md").write_text("about these models")
    assert load_models(tmp_path, "cpu").get("pump").version == 1


def test_a_bad_version_is_refused_and_the_one_before_served(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    (put_bundle(tmp_path, version=2) / "scorer.onnx").write_bytes(b"not a graph")
    (named,) = load_models(tmp_path, "cpu")
    assert named.served is not None
    assert named.served.version == 1
    assert [refused.version for refused in named.refused] == [2]
    assert "scorer.onnx" in named.refused[0].reason


def test_a_version_that_fails_its_golden_samples_is_refused(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, version=2, change=fail_golden_check)
    (named,) = load_models(tmp_path, "cpu")
    assert "golden sample" in named.refused[0].reason


def test_a_graph_that_onnx_runtime_cannot_run_is_refused(tmp_path: Path) -> None:
    def use_operator_without_kernel(_: Manifest, files: Files) -> None:
        graph = onnx.load_model_from_string(files["scorer.onnx"])
        node = next(node for node in graph.graph.node if "score" in node.output)
        node.output[0] = "before"
        graph.graph.node.append(onnx.helper.make_node("HardSigmoid", ["before"], ["score"]))
        files["scorer.onnx"] = graph.SerializeToString()

    put_bundle(tmp_path)
    put_bundle(tmp_path, version=2, change=use_operator_without_kernel)
    (named,) = load_models(tmp_path, "cpu")
    assert "ONNX Runtime" in named.refused[0].reason


def test_a_bundle_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    shutil.copytree(tmp_path / "pump" / "1", tmp_path / "pump" / "7")
    (named,) = load_models(tmp_path, "cpu")
    assert named.refused[0].reason == "the manifest is that of pump/1, found in pump/7"


def test_a_name_without_a_good_version_is_not_ready_and_does_not_stop_the_others(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, name="valve", change=fail_golden_check)
    models = load_models(tmp_path, "cpu")
    assert models.get("pump").version == 1
    assert len(models.faults) == 1
    with pytest.raises(NotReadyError, match=r"model 'valve' has no version that can be served \(version 1: .*golden"):
        models.get("valve")


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: expected a directory of models .*: No such file or directory"):
        load_models(tmp_path / "nowhere", "cpu")


def test_a_file_in_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    with pytest.raises(InputError, match="models: expected a directory of models .*: Not a directory"):
        load_models(tmp_path / "models", "cpu")


def test_a_directory_without_models_is_named(tmp_path: Path) -> None:
    (tmp_path / "pump").mkdir()
    with pytest.raises(InputError, match="expected at least one model as NAME/VERSION/manifest.json, found none"):
        load_models(tmp_path, "cpu")


@pytest.mark.parametrize(
    ("part", "said"), [("pump", "this is a model; .* above"), ("pump/1", "this is a bundle; .* two above")]
)
def test_a_part_of_the_directory_in_its_place_is_named(tmp_path: Path, part: str, said: str) -> None:
    put_bundle(tmp_path)
    with pytest.raises(InputError, match=f"{part}: {said}"):
        load_models(tmp_path / part, "cpu")


def test_nothing_but_bad_models_is_refused_with_the_reasons(tmp_path: Path) -> None:
    put_bundle(tmp_path, change=fail_golden_check)
    with pytest.raises(InputError, match="nothing can be served; model 'pump' has no version .*golden"):
        load_models(tmp_path, "cpu")


def test_the_only_model_is_the_default(tmp_path: Path) -> None:
    put_bundle(tmp_path, name="valve")
    assert load_models(tmp_path, "cpu").default().name == "valve"


def test_several_models_have_no_default_of_their_own(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, name="valve")
    with pytest.raises(NoDefaultModelError, match="name one of 'pump', 'valve'"):
        load_models(tmp_path, "cpu").default()


def test_the_default_can_be_named(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    put_bundle(tmp_path, name="valve")
    assert load_models(tmp_path, "cpu", "valve").default().name == "valve"


def test_a_default_that_is_not_there_is_refused(tmp_path: Path) -> None:
    put_bundle(tmp_path)
    with pytest.raises(InputError, match="has 'pump', found 'pmup'"):
        load_models(tmp_path, "cpu", "pmup")


def test_a_name_is_looked_up_and_never_becomes_a_path(tmp_path: Path) -> None:
    put_bundle(tmp_path / "models")
    put_bundle(tmp_path, name="outside")
    models = load_models(tmp_path / "models", "cpu")
    with pytest.raises(UnknownModelError):
        models.get("../outside")
