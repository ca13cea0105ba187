"""Chart images for machine learning: planned, drawn, labelled, written and packed."""
