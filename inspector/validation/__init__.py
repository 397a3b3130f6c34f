"""How far the divergence ledger can be trusted: figures on labelled pairs, by `python -m inspector validate --data FOLDER`."""
