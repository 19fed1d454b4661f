"""What a resolution takes and gives, and how it is told: free of pip's own types."""
