"""What every public compressor stands on: settings, cards, loading, adapters, the self-test."""

import gc
import json
import threading
import weakref
from pathlib import Path

import pytest
import torch

from models.compressor import Loading
from models.hub import lora, room, selftest, weights
from models.hub.card import Card, Check, Part, gigabytes
from models.hub.prompted import PromptedDecoder
from models.hub.row import hub_row
from models.hub.settings import HubSettings
from models.hub.soft import SoftHub
from models.registry import Registry
from tests.models import tiny

CHECK = Check("token_accuracy", 0.5, "A made-up bound.")


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Path:
    """A folder in the hub's place, with a tiny model as org/base."""
    (tmp_path / "org" / "base").mkdir(parents=True)
    tiny.save(tmp_path / "org" / "base")
    monkeypatch.setenv("INSPECTOR_HUB", f"folder={tmp_path}")
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    return tmp_path


class Means(SoftHub):
    """Memory: means of groups of token embeddings."""

    def vectors(self, texts, ids, ratio):
        rows = self.decoder.embed(torch.tensor([list(i) for i in ids]))
        return [torch.stack([row[i : i + ratio].mean(0) for i in range(0, len(row), ratio)]) for row in rows]


def load(folders, settings, options):
    network = weights.model(folders[0], "AutoModelForCausalLM", settings)
    before, after = torch.tensor([0]), torch.tensor([5, 6])
    return Means(PromptedDecoder(network, before, after, 300, frozenset((1,))), weights.tokenizer(folders[0]), 16)


def row(load=load, **changes):
    settings = {"parts": (Part("org/base", 4_000_000_000, "mit"),), "check": CHECK}
    return hub_row("means", "Means", "soft", (4,), 4, 16, Card(**settings | changes), load)


# Settings


def test_settings_are_read_by_name():
    settings = HubSettings.named("dtype=bfloat16 bits=4 device_map=auto folder=/m minutes=2.5", "pickle, low-memory")
    assert settings == HubSettings("bfloat16", 4, "auto", "/m", 2.5, frozenset(("pickle", "low-memory")))
    assert HubSettings.named("", "") == HubSettings()


@pytest.mark.parametrize(
    ("text", "allow", "said"),
    [
        ("dtpye=float32", "", "INSPECTOR_HUB has no setting 'dtpye'; known: dtype, bits, device_map, folder, minutes"),
        ("dtype=float8", "", "INSPECTOR_HUB: dtype is one of auto, float32, bfloat16, float16, not 'float8'"),
        ("bits=5", "", "INSPECTOR_HUB: bits is one of 16, 8, 4, not '5'"),
        ("minutes=-1", "", "INSPECTOR_HUB: minutes takes a number from 0, not '-1'"),
        ("minutes=nan", "", "INSPECTOR_HUB: minutes takes a number from 0, not 'nan'"),
        ("", "pickles", "INSPECTOR_ALLOW knows no 'pickles'; known: pickle, remote-code, low-memory, failed-self-test"),
    ],
)
def test_settings_that_cannot_be_used_list_the_known_ones(text, allow, said):
    with pytest.raises(ValueError) as error:
        HubSettings.named(text, allow)
    assert str(error.value) == said


# Cards


def test_a_card_tells_what_is_to_be_downloaded_and_what_it_takes(hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(hub / "cache"))
    own = Part("org/base", 4_000_000_000, "mit")
    other = Part("org/elsewhere-of-nobody", 2_500_000_000, "apache-2.0")
    settings = HubSettings.named()
    card = Card((own, other), CHECK)
    assert card.missing(settings) == [other] and card.download(settings) == 2_500_000_000
    assert card.to_fetch() == "not downloaded yet: 2.5 GB from org/elsewhere-of-nobody"
    assert card.licence == "mit, apache-2.0"
    size = (hub / "org/base/model.safetensors").stat().st_size  # what is here is weighed, what is not is believed
    assert card.memory(settings) == size + 2_500_000_000
    assert card.memory(HubSettings.named("dtype=float32 " + f"folder={hub}")) == 2 * (size + 2_500_000_000)
    assert card.memory(HubSettings.named(f"bits=4 folder={hub}")) == pytest.approx(0.275 * (size + 2_500_000_000), abs=1)


def test_what_cannot_run_says_why(hub, monkeypatch):
    assert row().why_not() is None
    assert row(blocked="its weights were never published").why_not() == "its weights were never published"
    said = row(packages=("torch", "no_such_package_anywhere"), extra="lingua").why_not()
    assert said == "it needs the package no_such_package_anywhere: pip install 'compression-inspector[lingua]'"
    said = row(parts=(Part(str(hub / "nowhere")),)).why_not()
    assert said == f"there is no folder {hub / 'nowhere'}"
    pickled = row(parts=(Part("org/pickled", 1, "mit", pickle=True),))
    assert pickled.why_not() == (
        "the weights of org/pickled are published as a pickle only, which can hold code; "
        "to allow it, set INSPECTOR_ALLOW=pickle (the option --allow pickle)"
    )
    monkeypatch.setenv("INSPECTOR_ALLOW", "pickle")
    assert pickled.why_not() is None
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert row(parts=(Part("org/elsewhere-of-nobody", 1),)).why_not().startswith("org/elsewhere-of-nobody is not on this machine")


def test_a_folder_is_whole_only_with_every_shard_and_every_named_file(tmp_path):
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / "model-1.safetensors").write_bytes(b"x" * 10)
    part = Part(str(tmp_path), files=("*.json", "*.safetensors", "sub/extra.safetensors"))
    assert part.absent(tmp_path) == ["sub/extra.safetensors", "model-2.safetensors"] and part.local(HubSettings()) is None
    (tmp_path / "model-2.safetensors").write_bytes(b"x" * 5)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/extra.safetensors").write_bytes(b"x" * 3)
    (tmp_path / "optimizer.bin").write_bytes(b"x" * 99)
    assert part.local(HubSettings()) == tmp_path and part.size(HubSettings()) == 18


def test_shards_of_a_pickle_count_and_safetensors_beside_it_make_it_none(tmp_path, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "")
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": {"a": "m-1.bin", "b": "m-2.bin"}}))
    (tmp_path / "m-1.bin").write_bytes(b"x")
    part = Part(str(tmp_path), files=("*.json", "*.bin", "*.safetensors"), pickle=True)
    assert part.absent(tmp_path) == ["m-2.bin"]
    (tmp_path / "m-2.bin").write_bytes(b"x")
    assert part.absent(tmp_path) == [] and "pickle only" in Card((part,), CHECK).why_not()
    (tmp_path / "model.safetensors").write_bytes(b"x")
    assert Card((part,), CHECK).why_not() is None


def test_a_part_may_be_a_tokenizer_alone(tmp_path):
    part = Part(str(tmp_path), files=("tokenizer.json",))
    assert part.absent(tmp_path) == ["tokenizer.json"]
    (tmp_path / "tokenizer.json").write_text("{}")
    assert part.local(HubSettings()) == tmp_path and part.size(HubSettings()) == 0


@pytest.mark.parametrize(("count", "said"), [(0, "0.0 MB"), (2_100_000, "2.1 MB"), (438_373_376, "0.4 GB"), (15e9, "15.0 GB")])
def test_bytes_as_people_say_them(count, said):
    assert gigabytes(count) == said


# Loading


def test_a_random_model_fails_the_self_test_and_may_be_used_only_if_that_is_allowed(hub, monkeypatch):
    table = Registry([row()])
    with pytest.raises(
        RuntimeError, match=r"^means is not used: self-test failed: token accuracy 0\.\d\d where at least 0\.5 is asked for"
    ):
        table.load(table.resolve("means"))
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    assert table.load(table.resolve("means")).notes["self_test"].startswith("Self-test failed: token accuracy")


def test_whoever_waits_is_told_and_notes_say_what_was_measured(hub, monkeypatch):
    monkeypatch.setattr(selftest, "MEASURES", {"token_accuracy": lambda compressor, ratio: 0.75})
    told: list[Loading] = []
    table = Registry([row(limits="It never learnt to repeat.")])
    compressor = table.load(table.resolve("means"), told.append)
    assert [step.stage for step in told] == ["weights", "self-test"]
    assert compressor.notes == {
        "self_test": "Self-test passed: token accuracy 0.75 where at least 0.5 is asked for. A made-up bound.",
        "limits": "It never learnt to repeat.",
    }


def test_no_room_is_said_before_anything_is_read(hub, monkeypatch):
    monkeypatch.setattr(room, "free", lambda device: 1_000)
    read = []
    table = Registry([row(load=lambda *given: read.append(given))])
    said = r"^means is not loaded: its weights need 0\.\d MB and 0\.0 MB are free on cpu: free some"
    with pytest.raises(RuntimeError, match=said):
        table.load(table.resolve("means"))
    assert not read
    monkeypatch.setenv("INSPECTOR_ALLOW", "low-memory failed-self-test")
    table = Registry([row()])
    assert table.load(table.resolve("means")).window == 16


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory. Tried …"), MemoryError(), RuntimeError("can't allocate memory: 9")]
)
def test_running_out_of_memory_is_one_sentence_and_the_next_try_is_a_new_one(hub, error):
    def failing(*given):
        raise error

    table = Registry([row(load=failing)])
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"^means ran out of memory on cpu.*: take a shorter text or fewer compressors"):
            table.load(table.resolve("means"))


def test_a_damaged_model_is_one_sentence(hub):
    (hub / "org/base/model.safetensors").write_bytes(b"no such header")
    table = Registry([row()])
    with pytest.raises(RuntimeError, match=r"^transformers cannot load .*org/base as AutoModelForCausalLM: ") as error:
        table.load(table.resolve("means"))
    assert "\n" not in str(error.value)


def test_what_arrives_from_the_hub_is_told_and_must_be_whole(tmp_path, monkeypatch):
    import huggingface_hub

    asked = []

    def snapshot(repo, *, local_files_only=False, allow_patterns=None, ignore_patterns=None):
        if local_files_only:
            raise huggingface_hub.errors.LocalEntryNotFoundError("not here")
        asked.append((repo, allow_patterns))
        (tmp_path / "snapshot").mkdir(exist_ok=True)
        tiny.save(tmp_path / "snapshot")
        return str(tmp_path / "snapshot")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    told: list[Loading] = []
    table = Registry([row()])
    table.load(table.resolve("means"), told.append)
    assert asked == [("org/base", ["*.json", "*.safetensors", "*.model", "*.jinja"])]
    assert told[0].stage == "download" and told[0].detail.endswith("of 4.0 GB from org/base")
    lacking = Registry([row(parts=(Part("org/base", 1, "mit", files=("*.safetensors", "config.json", "extra.safetensors")),))])
    with pytest.raises(RuntimeError, match=r"^org/base lacks extra\.safetensors; it may have been changed"):
        lacking.load(lacking.resolve("means"))


def test_a_hub_out_of_reach_is_one_sentence(monkeypatch):
    import huggingface_hub

    def snapshot(repo, *, local_files_only=False, **more):
        raise huggingface_hub.errors.LocalEntryNotFoundError("x") if local_files_only else ConnectionError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    table = Registry([row()])
    with pytest.raises(RuntimeError, match=r"^org/base cannot be downloaded: no route$"):
        table.load(table.resolve("means"))


def test_what_is_released_is_gone_unless_somebody_uses_it(hub, monkeypatch):
    from inspector.compare import compare

    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    table = Registry([row()])
    compare(tiny.TEXT, ["means"], registry=table)
    address = table.resolve("means")
    network = weakref.ref(table.load(address).decoder.model)
    assert table.release_unused(3_600) == [] and table.is_loaded(address)
    assert table.release_unused(0) == ["means"] and not table.is_loaded(address)
    gc.collect()
    assert network() is None  # the cache of windows does not hold it either
    assert not table.release("means")


def test_loading_one_keeps_no_other_waiting(hub, monkeypatch):
    monkeypatch.setenv("INSPECTOR_ALLOW", "failed-self-test")
    began, go_on = threading.Event(), threading.Event()

    def slow(*given):
        began.set()
        assert go_on.wait(30)
        return load(*given)

    quick = hub_row("quick", "Quick", "soft", (4,), 4, 16, Card((Part("org/base", 1),), CHECK), load)
    table = Registry([row(load=slow), quick])
    thread = threading.Thread(target=lambda: table.load(table.resolve("means")))
    thread.start()
    assert began.wait(30)
    assert table.load(table.resolve("quick")).window == 16 and not table.is_loaded(table.resolve("means"))
    go_on.set()
    thread.join(30)
    assert table.is_loaded(table.resolve("means"))


# Weights


def test_a_pickle_is_refused_with_the_way_to_allow_it_and_then_read_without_running_it(tmp_path):
    torch.save({"a": {"b": torch.ones(2)}, "epoch": 3}, tmp_path / "adapter.pth")
    with pytest.raises(
        RuntimeError, match=r"^adapter\.pth is a pickle, which can hold code; to allow it, set INSPECTOR_ALLOW=pickle"
    ):
        weights.tensors(tmp_path / "adapter.pth", HubSettings())
    allowed = HubSettings.named("", "pickle")
    assert weights.tensors(tmp_path / "adapter.pth", allowed)["a.b"].tolist() == [1, 1]
    torch.save({"code": Path("x")}, tmp_path / "evil.pth")  # anything but tensors and plain values
    with pytest.raises(RuntimeError, match=r"^evil\.pth holds more than tensors, so it is not read"):
        weights.tensors(tmp_path / "evil.pth", allowed)


def test_a_pickled_model_is_refused(hub):
    base = hub / "org/base"
    torch.save({}, base / "pytorch_model.bin")
    (base / "model.safetensors").unlink()
    with pytest.raises(RuntimeError, match=r"are a pickle, which can hold code; to allow it, set INSPECTOR_ALLOW=pickle"):
        weights.model(base, "AutoModelForCausalLM", HubSettings.named())


def test_code_beside_a_model_is_not_run(hub):
    base = hub / "org/base"
    config = json.loads((base / "config.json").read_text())
    (base / "mine.py").write_text("raise SystemExit('ran')")
    (base / "config.json").write_text(
        json.dumps(config | {"model_type": "mine", "auto_map": {"AutoConfig": "mine.A", "AutoModelForCausalLM": "mine.B"}})
    )
    with pytest.raises(RuntimeError, match=r"^transformers cannot load"):
        weights.model(base, "AutoModelForCausalLM", HubSettings.named())


def test_quantising_is_passed_on(hub, monkeypatch):
    import transformers

    given = {}

    def read(folder, **more):
        given.update(more)
        return tiny.network(), {"missing_keys": set()}

    monkeypatch.setattr(weights, "_quantised", lambda bits: f"{bits} bits")
    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", read)
    weights.model(hub / "org/base", "AutoModelForCausalLM", HubSettings.named("bits=4 dtype=float16"))
    assert given["quantization_config"] == "4 bits" and given["device_map"] == {"": "cpu"} and given["dtype"] is torch.float16
    weights.model(hub / "org/base", "AutoModelForCausalLM", HubSettings.named("device_map=balanced"))
    assert given["device_map"] == "balanced" and given["trust_remote_code"] is False and given["use_safetensors"] is True


def test_a_tensor_that_is_missing_is_named_and_not_made_up(hub):
    from safetensors.torch import load_file, save_file

    file = hub / "org/base/model.safetensors"
    tensors = load_file(file)
    tensors.pop("model.layers.1.mlp.up_proj.weight")
    save_file(tensors, file, {"format": "pt"})
    with pytest.raises(RuntimeError, match=r"lack the tensor model\.layers\.1\.mlp\.up_proj\.weight, so they are not a whole"):
        weights.model(hub / "org/base", "AutoModelForCausalLM", HubSettings())


def test_filling_names_what_is_wrong():
    module = torch.nn.Linear(2, 3)
    with pytest.raises(RuntimeError, match=r"^the file lacks the tensor bias$"):
        weights.fill(module, {"weight": torch.ones(3, 2)}, "the file")
    with pytest.raises(RuntimeError, match=r"^the file has a tensor scale that belongs nowhere$"):
        weights.fill(module, {"weight": torch.ones(3, 2), "bias": torch.ones(3), "scale": torch.ones(1)}, "the file")
    with pytest.raises(RuntimeError, match=r"^the file: bias has shape \[4\], where \[3\] is needed$"):
        weights.fill(module, {"weight": torch.ones(3, 2), "bias": torch.ones(4)}, "the file")
    weights.fill(module, {"weight": torch.ones(3, 2), "bias": torch.ones(3)}, "the file")
    assert module(torch.ones(1, 2)).tolist() == [[3, 3, 3]]
    bare = torch.nn.Linear(2, 3, device="meta")
    weights.fill(bare, {"weight": torch.ones(3, 2).bfloat16(), "bias": torch.ones(3).bfloat16()}, "the file")
    assert bare(torch.ones(1, 2).bfloat16()).tolist() == [[3, 3, 3]]


def test_a_model_is_shared_by_those_who_ask_for_the_same(hub):
    given = hub / "org/base", "AutoModelForCausalLM", HubSettings()
    plain, turned = weights.model(*given), weights.model(*given, rope_parameters={"rope_type": "default", "rope_theta": 7.0})
    assert weights.model(*given) is plain is not turned
    assert weights.model(*given, rope_parameters={"rope_type": "default", "rope_theta": 7.0}) is turned


# Adapters


def lora_tensors(scale: float = 1.0, width: int = 48) -> dict[str, torch.Tensor]:
    made = torch.Generator().manual_seed(3)
    names = [f"model.layers.{i}.self_attn.{q}" for i in range(2) for q in ("q_proj", "v_proj")]
    a = {f"base.{n}.lora_A.default.weight": scale * torch.randn(4, width, generator=made) for n in names}
    return a | {f"base.{n}.lora_B.default.weight": scale * torch.randn(48, 4, generator=made) for n in names}


def test_an_adapter_adds_what_lora_says_and_only_while_it_is_used():
    network, ids = tiny.network(), torch.tensor([[7, 8, 9]])
    plain = network(ids).logits
    found = lora_tensors()
    lora.attach(network, "one", found, 4, 8, ("q_proj", "v_proj"), prefix=r"base\.")
    lora.attach(network, "two", lora_tensors(0.1), 4, 8, ("q_proj", "v_proj"), prefix=r"base\.")
    merged = tiny.network()
    with torch.no_grad():
        for name, module in merged.named_modules():
            if name.endswith(("q_proj", "v_proj")):
                module.weight += 8 / 4 * found[f"base.{name}.lora_B.default.weight"] @ found[f"base.{name}.lora_A.default.weight"]
    assert torch.equal(network(ids).logits, plain)
    with lora.using(network, "one"):
        assert torch.allclose(network(ids).logits, merged(ids).logits, atol=1e-4)
        with lora.using(network, None):
            assert torch.equal(network(ids).logits, plain)
        with lora.using(network, "two"):
            assert not torch.allclose(network(ids).logits, merged(ids).logits, atol=1e-2)
        assert torch.allclose(network(ids).logits, merged(ids).logits, atol=1e-4)
    assert torch.equal(network(ids).logits, plain)
    with pytest.raises(KeyError, match="no adapter"), lora.using(tiny.network(), "one"):
        pass


def test_a_thread_never_meets_another_ones_adapter():
    network, ids = tiny.network(), torch.tensor([[7, 8, 9]])
    lora.attach(network, "one", lora_tensors(), 4, 8, ("q_proj", "v_proj"), prefix=r"base\.")
    want = {}
    for name in ("one", None):
        with lora.using(network, name):
            want[name] = network(ids).logits
    wrong = []

    def work(name):
        for _ in range(30):
            with lora.using(network, name):
                wrong.extend([name] * (not torch.allclose(network(ids).logits, want[name], atol=1e-5)))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", None, "one", None)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


def test_an_adapter_of_another_model_is_named():
    with pytest.raises(
        RuntimeError, match=r"has shape \[4, 40\], where the model needs \[4, 48\]: it was made for another base model"
    ):
        lora.attach(tiny.network(), "one", lora_tensors(width=40), 4, 8, ("q_proj", "v_proj"), prefix=r"base\.")
    found = lora_tensors()
    found["base.model.layers.9.self_attn.q_proj.lora_A.default.weight"] = torch.ones(4, 48)
    with pytest.raises(RuntimeError, match=r"layers\.9\.self_attn\.q_proj.* belongs to no module"):
        lora.attach(tiny.network(), "one", found, 4, 8, ("q_proj", "v_proj"), prefix=r"base\.")
    found = lora_tensors()
    found.popitem()
    with pytest.raises(RuntimeError, match=r"^the adapter lacks a tensor for .*lora_B"):
        lora.attach(tiny.network(), "one", found, 4, 8, ("q_proj", "v_proj"), prefix=r"base\.")


# Decoding with a prompt around memory


def test_a_prompt_stands_around_memory_and_the_prior_sees_the_same_without_it(hub):
    compressor = load([hub / "org/base"], HubSettings.named(), ())
    source = compressor.source(tiny.TEXT)
    memories = compressor.compress(source, source.windows, 4)
    assert [m.size for m in memories] == [-(-(b - a) // 4) for a, b in source.windows] and sum(m.length for m in memories) == len(
        source.ids
    )
    assert memories[0].bits == 16 * memories[0].size * 48 and not memories[0].stops_by_length
    network, ids = compressor.decoder.model, source.window_ids(source.windows[0])
    given, prior = compressor.decoder.score([memories[0], None], [ids, ids])
    embed = network.get_input_embeddings()
    tail = embed(torch.tensor([5, 6, *ids[:-1]]))
    for vectors, found in ((memories[0].vectors, given), (torch.zeros(0, 48), prior)):
        x = torch.cat([embed(torch.tensor([0])), vectors, tail])[None]
        want = network(inputs_embeds=x).logits[0, -len(ids) :, :300]
        assert torch.allclose(found, want, atol=1e-4)


def test_nothing_before_the_text_is_refused():
    with pytest.raises(ValueError, match="nothing stands before the text"):
        PromptedDecoder(tiny.network(), torch.tensor([]), torch.tensor([]), 300)


def test_the_self_test_measures_what_its_names_say(hub):
    compressor = load([hub / "org/base"], HubSettings.named(), ())
    source = compressor.source(selftest.TEXT)

    class Told:
        """Gives the right token all the weight given memory, and nothing to choose between without."""

        def score(self, memories, targets):
            return [
                torch.zeros(len(t), 300) + 50 * (m is not None) * torch.nn.functional.one_hot(torch.tensor(t), 300)
                for m, t in zip(memories, targets, strict=True)
            ]

    compressor.decoder = Told()
    compressor.compress = lambda source, windows, ratio: ["memory"] * len(windows)
    assert selftest.token_accuracy(compressor, 4) == 1.0
    assert selftest.memory_gain(compressor, 4) == pytest.approx(torch.tensor(300.0).log().item(), abs=1e-4)
    assert len(source.ids) > 30


def test_free_memory_heeds_a_container_s_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "CGROUP", tmp_path)
    whole = room.free("cpu")
    assert whole is None or whole > 0
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("2000\n")
    assert room.free("cpu") == 3000
    assert room.too_small(2999, "cpu") is None and "0.0 MB are free on cpu" in room.too_small(3001, "cpu")
    assert room.free("mps") is None and room.too_small(10**15, "mps") is None
