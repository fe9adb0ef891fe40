"""Everything that the toolkit and oauthlib call of ours: the endpoints and what stands behind them."""
