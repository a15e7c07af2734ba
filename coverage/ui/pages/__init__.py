"""One file per page; :mod:`coverage.ui.main` lists them."""
