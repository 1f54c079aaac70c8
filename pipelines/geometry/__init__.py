"""What geometry needs wherever it is read, judged or measured: sound polygons, and projections with true areas."""
