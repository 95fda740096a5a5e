"""The fault suite's own parts: what proves others has to be proved itself."""
