"""Steps from one version of the store to the next, run by :mod:`coverage.store.migrate`."""
