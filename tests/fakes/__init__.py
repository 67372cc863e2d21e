"""Every port of the product in memory: what a use case is tested over, and held to the same contract as the engines."""
