"""`python -m models.training tokenizer|train|finetune|log|revive|export|evaluate …`"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path

from models.training.finetune.settings import arguments
from models.training.logs import SERIES


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m models.training", description="Train and evaluate compressors: the bundled ones, and your own."
    )
    commands = p.add_subparsers(dest="command", required=True)

    t = commands.add_parser("tokenizer", help="train the byte-level BPE on every fourth paragraph")
    t.add_argument("--data", type=Path, required=True, help="folder with the .jsonl(.xz) text sets")
    t.add_argument("--out", type=Path, required=True, help="where tokenizer.json goes")

    t = commands.add_parser("train", help="train the decoder or one compressor")
    t.add_argument("stage", help="decoder or superposition-xs, -s; pocket-decoder or pocket-xs, -s, -m, -l")
    t.add_argument("--data", type=Path, required=True)
    t.add_argument("--out", type=Path, required=True, help="folder for log and checkpoints; an existing one is continued")
    t.add_argument("--decoder", type=Path, help="folder of the trained decoder, for a compressor's stage")
    t.add_argument("--tokens", type=int, default=0, help="budget in tokens")
    t.add_argument("--minutes", type=float, default=0.0, help="budget in minutes of wall time")
    t.add_argument("--batch", type=int, help="windows a step; default: 32, 16 for pocket-…")
    t.add_argument("--rate", type=float, default=1.5e-3)
    t.add_argument("--seed", type=int, default=0)
    t.add_argument("--embeddings", type=Path, metavar="FILE", help="pocket-decoder: start from these weights' embed_tokens")
    t.add_argument("--plain", action="store_true", help="pocket-…: plain attention, values not turned by position")
    t.add_argument(
        "--imitate", type=float, metavar="SHARE", help="pocket-xs …: of the budget, before reconstruction (default .25)"
    )
    t.add_argument("--log-every", type=int, default=50, metavar="STEPS", help="steps between lines of the log")
    t.add_argument("--device", default="cpu")
    t.add_argument("--compile", action="store_true", help="torch.compile: about twice as fast after a minute's start")

    t = commands.add_parser("finetune", help="train a compressor of your own on real models; docs/finetune.md")
    arguments(t)

    t = commands.add_parser("overwriting", help="pocket-…: what a run's snapshots do on swapped facts, into the run's log")
    t.add_argument("run", type=Path, help="folder of a compressor's run")
    t.add_argument("--decoder", type=Path, required=True, help="folder of the decoder's run")
    t.add_argument("--texts", type=int, help="swapped facts taken; default: all that ship")

    t = commands.add_parser("log", help="write a run's log for the Training page; see docs/contract.md")
    t.add_argument("run", type=Path, help="folder of a run")
    t.add_argument("--out", type=Path, required=True, metavar="FILE", help="such as models/pocket/runs/NAME.json")
    t.add_argument("--name", help="one word; default: the stage")
    t.add_argument("--title", help="shown in place of the name")
    t.add_argument("--series", choices=SERIES, default="main")
    t.add_argument("--start", help="one sentence: what the run started from")
    t.add_argument("--machine", help="what it ran on; default: the device")
    t.add_argument("--command", dest="command_line", help="the command that ran it; default: from its settings")
    t.add_argument("--checkpoint", nargs="+", default=[], metavar="TOKENS=ADDRESS", help="shipped as NAME or NAME+OPTION")

    t = commands.add_parser("revive", help="give rare tokens embeddings of their own; once, between decoder and compressors")
    t.add_argument("run", type=Path, help="folder of the trained decoder")
    t.add_argument("--data", type=Path, required=True)

    t = commands.add_parser("export", help="write a run's weights as fp16 safetensors")
    t.add_argument("run", type=Path)
    t.add_argument("--out", type=Path, required=True)
    t.add_argument("--snapshot", type=Path, metavar="FILE", help="pocket-…: weights kept on the way, in place of the last")
    t.add_argument("--part", choices=("decoder", "compressor"), default="decoder", help="of a run of pocket-decoder")

    t = commands.add_parser("english", help="build the English pipeline and the table of words from the data folder")
    t.add_argument("--data", type=Path, required=True, help="folder with text/, treebank/ and ner/")
    t.add_argument("--out", type=Path, required=True, help="folder for what is made on the way; finished steps are skipped")
    t.add_argument("--target", type=Path, default=Path(__file__).parents[1] / "english", help="where the pipeline goes")
    t.add_argument("--wordnet", type=Path, help="folder of WordNet 3.0's database (Debian: wordnet-base), to make the table anew")
    t.add_argument("--moby", type=Path, help="file of the Moby Thesaurus II, a headword and its words a line; with --wordnet")

    t = commands.add_parser("evaluate", help="reconstruction table on held-out paragraphs, greedy and free-running")
    t.add_argument(
        "--data", type=Path, help="folder with the text sets; by default the 400 held-out paragraphs that ship with the code"
    )
    t.add_argument("--compressors", nargs="*", help="NAME or NAME@RATIO; all bundled ones by default")
    t.add_argument("--sets", nargs="+", default=["wikipedia2015-test", "wikipedia2021-new"])
    t.add_argument("--paragraphs", type=int, default=200)
    t.add_argument(
        "--off", type=int, nargs="*", default=[4, 16, 32, 64], metavar="RATIO", help="also without transformer, at these"
    )
    t.add_argument("--json", type=Path, help="also write the rows to this file")
    return p


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        return run(args)
    except (ValueError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2


def run(args: argparse.Namespace) -> int:
    if args.command == "tokenizer":
        from models.pocket.tokenizer import train
        from models.training.corpus import TRAIN_SETS, paragraphs

        texts = (text for name in TRAIN_SETS for text in islice(paragraphs(args.data, name), 0, None, 4))
        train(texts).save(str(args.out))
    elif args.command == "train":
        from models.training.free import FreeSettings, FreeTrainer
        from models.training.train import Settings, Trainer

        names = ("stage", "tokens", "minutes", "rate", "seed", "device", "compile")
        given = {name: getattr(args, name) for name in names} | ({"batch": args.batch} if args.batch else {})
        if args.stage.startswith("pocket"):
            given |= {"imitate": args.imitate} if args.imitate is not None else {}
            settings = FreeSettings(**given, turned=not args.plain)
            trainer = FreeTrainer(settings, args.data, args.out, args.decoder, args.embeddings)
        elif args.plain or args.embeddings or args.imitate is not None:
            raise ValueError("--plain, --imitate and --embeddings are for the stages pocket-…")
        else:
            trainer = Trainer(Settings(**given), args.data, args.out, args.decoder)
        trainer.run(log_every=args.log_every)
    elif args.command == "finetune":
        from models.training.finetune.settings import settings

        chosen = settings(args)  # before torch is imported
        from models.training.finetune.run import finetune

        finetune(chosen, args.estimate)
    elif args.command == "overwriting":
        from models.training.snapshots import measure

        print(f"{measure(args.run, args.decoder, args.texts)} snapshots measured")
    elif args.command == "log":
        from models.training.convert import checkpoint, convert
        from models.training.logs import write

        about = {name: getattr(args, name) for name in ("name", "title", "series", "start", "machine")}
        about |= {"command": args.command_line, "checkpoints": tuple(map(checkpoint, args.checkpoint))}
        write(convert(args.run, **about), args.out)
    elif args.command == "revive":
        from models.training.train import revive_run

        print(revive_run(args.run, args.data))
    elif args.command == "export":
        import json

        from models.pocket.network import COMPRESSORS, DECODER
        from models.training.free import export_free
        from models.training.train import export

        stage = json.loads((args.run / "state.json").read_text(encoding="utf-8"))["settings"]["stage"]
        if stage.startswith("pocket"):
            export_free(args.run, args.out, args.snapshot, args.part)
            return 0
        export(args.run, args.out, DECODER if stage == "decoder" else COMPRESSORS[stage])
    elif args.command == "english":
        import json

        from models.training.english.build import build

        if bool(args.wordnet) != bool(args.moby):
            raise ValueError("--wordnet and --moby go together: the table of words is made from both.")
        lexicon = (args.wordnet, args.moby) if args.wordnet else None
        print(json.dumps(build(args.data, args.out, args.target, lexicon), indent=1))
    else:
        from models.training.evaluate import HELD_OUT, evaluate

        evaluate(args.data or HELD_OUT, args.compressors, tuple(args.sets), args.paragraphs, args.json, off=args.off)
    return 0


if __name__ == "__main__":
    sys.exit(main())
