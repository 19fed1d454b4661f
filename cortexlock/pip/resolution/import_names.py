"""Names that are asked for in place of others again and again: those of modules, and misspelt ones."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from types import MappingProxyType

PACKAGES: Mapping[str, str] = MappingProxyType(
    {
        "attr": "attrs",
        "beautifulsoup": "beautifulsoup4",
        "bio": "biopython",
        "bs4": "beautifulsoup4",
        "crypto": "pycryptodome",
        "cv": "opencv-python",
        "cv2": "opencv-python",
        "dateutil": "python-dateutil",
        "docx": "python-docx",
        "dotenv": "python-dotenv",
        "fitz": "pymupdf",
        "git": "gitpython",
        "github": "pygithub",
        "googleapiclient": "google-api-python-client",
        "jose": "python-jose",
        "jwt": "pyjwt",
        "ldap": "python-ldap",
        "magic": "python-magic",
        "mysqldb": "mysqlclient",
        "opencv": "opencv-python",
        "openssl": "pyopenssl",
        "pil": "pillow",
        "pptx": "python-pptx",
        "pytorch": "torch",
        "serial": "pyserial",
        "skimage": "scikit-image",
        "sklearn": "scikit-learn",
        "tf": "tensorflow",
        "usb": "pyusb",
        "websocket": "websocket-client",
        "yaml": "pyyaml",
        "zmq": "pyzmq",
    }
)
"""The package by the module's name, both normalized as PEP 503 has it."""

_COMMON = """
absl-py accelerate aiohttp albumentations bokeh boto3 botocore catboost certifi chardet click cloudpickle cryptography
cython dask datasets dill django djangorestframework evaluate faiss-cpu fastapi flask flask-cors gensim gevent
google-api-python-client google-cloud-storage gradio grpcio grpcio-tools gunicorn gym h5py httpx huggingface-hub
imageio jinja2 joblib jsonschema jupyter keras langchain librosa lightgbm loguru matplotlib mlflow networkx nltk numba
numpy onnx onnxruntime onnxruntime-gpu openai opencv-python opencv-python-headless openpyxl optuna packaging pandas
peft pillow plotly prometheus-client protobuf psutil psycopg2 psycopg2-binary pyarrow pydantic pydantic-settings
pymongo pymysql pytest python-dateutil python-multipart pytorch-lightning pyyaml redis regex requests safetensors
scikit-image scikit-learn scipy seaborn sentence-transformers sentencepiece setuptools shap six soundfile spacy
sqlalchemy starlette statsmodels streamlit sympy tensorboard tensorflow tensorflow-cpu tensorflow-gpu tensorflow-hub
tiktoken timm tokenizers torch torchaudio torchvision tornado tqdm transformers typing-extensions ujson ultralytics
urllib3 uvicorn uvloop websockets werkzeug wheel xgboost
"""
COMMON = frozenset(_COMMON.split())
"""What serves models, most of it; normalized names. A name that looks like one of these may be suggested, of others
nothing is known: what merely looks right is what typosquatters register."""


def alike(name: str, names: Collection[str]) -> str:
    """Return the one of some normalized names that is most like a misspelt one, or nothing."""
    return next(iter(get_close_matches(name, sorted(names), n=1, cutoff=0.8)), "")


def hint(name: str) -> str:
    """Return what to write in place of a normalized name, or nothing."""
    if name in sys.stdlib_module_names and name not in PACKAGES:
        return f"{name} is a module of Python's own library: leave the line out"
    package = PACKAGES.get(name)
    return f"{name} is the name of a module: its package is {package}; write `{package}`" if package else ""
