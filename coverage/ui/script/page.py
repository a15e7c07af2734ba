"""What Streamlit runs for every visitor and every change."""

from coverage.ui.main import run

run()
