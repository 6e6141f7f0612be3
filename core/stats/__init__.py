"""The statistics every calculation may use: intervals, resampling, small samples, survival, signal limits."""
