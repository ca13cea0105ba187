"""The local model: Ollama's client, and questions that are asked until the answer can be used."""
