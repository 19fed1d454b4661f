"""Says whether a text is friendly: the smallest useful Cortex predictor on top of transformers."""

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

MODEL = "distilbert-base-uncased-finetuned-sst-2-english"
LABELS = ("negative", "positive")


class PythonPredictor:
    """Loads the model once, then answers one request at a time."""

    def __init__(self, config):
        self.device = torch.device(config.get("device", "cpu"))
        self.tokenizer = AutoTokenizer.from_pretrained(MODEL)
        self.model = AutoModelForSequenceClassification.from_pretrained(MODEL).to(self.device).eval()

    def predict(self, payload):
        """Take `{"text": …}`, return the more likely label and how likely it is."""
        tokens = self.tokenizer.encode_plus(payload["text"], return_tensors="pt", max_length=512)
        with torch.no_grad():
            logits = self.model(**{name: tensor.to(self.device) for name, tensor in tokens.items()})[0][0]
        probabilities = torch.softmax(logits, dim=0)
        best = int(probabilities.argmax())
        return {"label": LABELS[best], "score": float(probabilities[best])}
