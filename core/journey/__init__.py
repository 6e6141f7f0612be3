"""Where customers stand on the path from contract to referrer, how long steps take, who is stuck and who silent."""
