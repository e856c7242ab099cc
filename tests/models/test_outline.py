"""A model's outline has its sizes and none of its weights."""

from gmai.models import count_parameters, load_model, read_costs, read_outline, save_model
from tiny_model import make_model


def test_an_outline_needs_no_weights_and_has_all_sizes(tmp_path):
    save_model(make_model(["a cyst in the liver"]), tmp_path)
    loaded = load_model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    found = read_outline(tmp_path)
    assert all(weight.is_meta for weight in found.model.parameters())
    assert count_parameters(found.model) == count_parameters(loaded.model)
    assert read_costs(found.model) == read_costs(loaded.model)
    assert found.contract == loaded.contract and found.tokenizer.get_vocab() == loaded.tokenizer.get_vocab()
    (tmp_path / "visual_contract.json").unlink()
    assert read_outline(tmp_path).contract == loaded.contract
