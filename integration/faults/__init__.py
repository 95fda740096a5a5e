"""The fault suite: what may go wrong around confab, that it holds, and the proof of the proof."""
