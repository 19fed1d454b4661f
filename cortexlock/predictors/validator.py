"""The validator of predictor-v1.schema.json, written by `python -m cortexlock.formats.compile_schema`: never edit it."""

# mypy: ignore-errors
# fmt: off

from cortexlock.formats.invalid import InvalidDocumentError
from cortexlock.patterns import pattern

VERSION = "2.22.3"


REGEX_PATTERNS = {
    '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$': pattern('^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\\Z'),
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$': pattern('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\\Z'),
    '^[0-9]+\\.[0-9]+(\\.[0-9]+((a|b|rc)[0-9]+)?)?$': pattern('^[0-9]+\\.[0-9]+(\\.[0-9]+((a|b|rc)[0-9]+)?)?\\Z'),
    '^[0-9]+\\.[0-9]+$': pattern('^[0-9]+\\.[0-9]+\\Z'),
    '^[0-9]+\\.[0-9]+(\\.[0-9]+)?$': pattern('^[0-9]+\\.[0-9]+(\\.[0-9]+)?\\Z'),
    '^[0-9]+(\\.[0-9A-Za-z]+)*$': pattern('^[0-9]+(\\.[0-9A-Za-z]+)*\\Z'),
    '^[a-z0-9]+(-[a-z0-9]+)*$': pattern('^[a-z0-9]+(-[a-z0-9]+)*\\Z'),
    '^(noarch|[a-z]+-[a-z0-9]+)$': pattern('^(noarch|[a-z]+-[a-z0-9]+)\\Z'),
    '^(?!.*://[^/\\s]*@)[^\\u0000-\\u001f\\u007f]+$': pattern('^(?!.*://[^/\\s]*@)[^\\u0000-\\u001f\\u007f]+\\Z'),
    '^(?!/)(?![A-Za-z]:)(?!(.*/)?\\.\\.(/|$))[^\\\\\\u0000-\\u001f\\u007f]+$': pattern('^(?!/)(?![A-Za-z]:)(?!(.*/)?\\.\\.(/|\\Z))[^\\\\\\u0000-\\u001f\\u007f]+\\Z'),
    '^(?!.*://[^/]*@)(?!.*/t/)[^\\u0000-\\u0020\\u007f]+$': pattern('^(?!.*://[^/]*@)(?!.*/t/)[^\\u0000-\\u0020\\u007f]+\\Z'),
    '^[^\\u0000-\\u001f\\u007f]+$': pattern('^[^\\u0000-\\u001f\\u007f]+\\Z')
}

NoneType = type(None)

def validate_urn_cortexlock_predictor_v1(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['predictor-version', 'platform', 'image', 'closure', 'python', 'glibc', 'order']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "predictor-version" in data_keys:
            data_keys.remove("predictor-version")
            data__predictorversion = data["predictor-version"]
            if not isinstance(data__predictorversion, (int)) and not (isinstance(data__predictorversion, float) and data__predictorversion.is_integer()) or isinstance(data__predictorversion, bool):
                raise InvalidDocumentError
            if isinstance(data__predictorversion, (int, float)) and not isinstance(data__predictorversion, bool):
                if data__predictorversion < 1:
                    raise InvalidDocumentError
                if data__predictorversion > 1:
                    raise InvalidDocumentError
        if "type" in data_keys:
            data_keys.remove("type")
            data__type = data["type"]
            validate___definitions_text(data__type, custom_formats)
        if "cortex-version" in data_keys:
            data_keys.remove("cortex-version")
            data__cortexversion = data["cortex-version"]
            validate___definitions_text(data__cortexversion, custom_formats)
        if "platform" in data_keys:
            data_keys.remove("platform")
            data__platform = data["platform"]
            if not (isinstance(data__platform, str) and data__platform == 'cpu' or isinstance(data__platform, str) and data__platform == 'cuda' or isinstance(data__platform, str) and data__platform == 'inf'):
                raise InvalidDocumentError
        if "image" in data_keys:
            data_keys.remove("image")
            data__image = data["image"]
            validate___definitions_text(data__image, custom_formats)
        if "digest" in data_keys:
            data_keys.remove("digest")
            data__digest = data["digest"]
            if not isinstance(data__digest, (str)):
                raise InvalidDocumentError
            if isinstance(data__digest, str):
                if not REGEX_PATTERNS['^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$'].search(data__digest):
                    raise InvalidDocumentError
        if "subdir" in data_keys:
            data_keys.remove("subdir")
            data__subdir = data["subdir"]
            if not (isinstance(data__subdir, str) and data__subdir == 'linux-64' or isinstance(data__subdir, str) and data__subdir == 'linux-aarch64'):
                raise InvalidDocumentError
        if "slim" in data_keys:
            data_keys.remove("slim")
            data__slim = data["slim"]
            if not isinstance(data__slim, (bool)):
                raise InvalidDocumentError
        if "released" in data_keys:
            data_keys.remove("released")
            data__released = data["released"]
            if not isinstance(data__released, (str)):
                raise InvalidDocumentError
            if isinstance(data__released, str):
                if not REGEX_PATTERNS['^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'].search(data__released):
                    raise InvalidDocumentError
        if "closure" in data_keys:
            data_keys.remove("closure")
            data__closure = data["closure"]
            if not (isinstance(data__closure, str) and data__closure == 'documented' or isinstance(data__closure, str) and data__closure == 'resolved' or isinstance(data__closure, str) and data__closure == 'partial' or isinstance(data__closure, str) and data__closure == 'captured'):
                raise InvalidDocumentError
        if "python" in data_keys:
            data_keys.remove("python")
            data__python = data["python"]
            if not isinstance(data__python, (str)):
                raise InvalidDocumentError
            if isinstance(data__python, str):
                if not REGEX_PATTERNS['^[0-9]+\\.[0-9]+(\\.[0-9]+((a|b|rc)[0-9]+)?)?$'].search(data__python):
                    raise InvalidDocumentError
        if "glibc" in data_keys:
            data_keys.remove("glibc")
            data__glibc = data["glibc"]
            if not isinstance(data__glibc, (str)):
                raise InvalidDocumentError
            if isinstance(data__glibc, str):
                if not REGEX_PATTERNS['^[0-9]+\\.[0-9]+$'].search(data__glibc):
                    raise InvalidDocumentError
        if "cuda" in data_keys:
            data_keys.remove("cuda")
            data__cuda = data["cuda"]
            if not isinstance(data__cuda, (str)):
                raise InvalidDocumentError
            if isinstance(data__cuda, str):
                if not REGEX_PATTERNS['^[0-9]+\\.[0-9]+(\\.[0-9]+)?$'].search(data__cuda):
                    raise InvalidDocumentError
        if "has-conda" in data_keys:
            data_keys.remove("has-conda")
            data__hasconda = data["has-conda"]
            if not isinstance(data__hasconda, (bool)):
                raise InvalidDocumentError
        if "conda-version" in data_keys:
            data_keys.remove("conda-version")
            data__condaversion = data["conda-version"]
            if not isinstance(data__condaversion, (str)):
                raise InvalidDocumentError
            if isinstance(data__condaversion, str):
                if not REGEX_PATTERNS['^[0-9]+(\\.[0-9A-Za-z]+)*$'].search(data__condaversion):
                    raise InvalidDocumentError
        if "conda-history" in data_keys:
            data_keys.remove("conda-history")
            data__condahistory = data["conda-history"]
            if not isinstance(data__condahistory, (list, tuple)):
                raise InvalidDocumentError
            data__condahistory_is_list = isinstance(data__condahistory, (list, tuple))
            if data__condahistory_is_list:
                data__condahistory_len = len(data__condahistory)
                for data__condahistory_x, data__condahistory_item in enumerate(data__condahistory):
                    validate___definitions_text(data__condahistory_item, custom_formats)
        if "conda-pinned" in data_keys:
            data_keys.remove("conda-pinned")
            data__condapinned = data["conda-pinned"]
            if not isinstance(data__condapinned, (list, tuple)):
                raise InvalidDocumentError
            data__condapinned_is_list = isinstance(data__condapinned, (list, tuple))
            if data__condapinned_is_list:
                data__condapinned_len = len(data__condapinned)
                for data__condapinned_x, data__condapinned_item in enumerate(data__condapinned):
                    validate___definitions_text(data__condapinned_item, custom_formats)
        if "channels" in data_keys:
            data_keys.remove("channels")
            data__channels = data["channels"]
            if not isinstance(data__channels, (list, tuple)):
                raise InvalidDocumentError
            data__channels_is_list = isinstance(data__channels, (list, tuple))
            if data__channels_is_list:
                data__channels_len = len(data__channels)
                for data__channels_x, data__channels_item in enumerate(data__channels):
                    validate___definitions_channel(data__channels_item, custom_formats)
        if "order" in data_keys:
            data_keys.remove("order")
            data__order = data["order"]
            if not isinstance(data__order, (list, tuple)):
                raise InvalidDocumentError
            data__order_is_list = isinstance(data__order, (list, tuple))
            if data__order_is_list:
                data__order_len = len(data__order)
                if data__order_len < 1:
                    raise InvalidDocumentError
                def fn(var): return frozenset(dict((k, fn(v)) for k, v in var.items()).items()) if hasattr(var, "items") else tuple(fn(v) for v in var) if isinstance(var, (dict, list)) else (bool, var) if isinstance(var, bool) else var
                if data__order_len > len(set(fn(data__order_x) for data__order_x in data__order)):
                    raise InvalidDocumentError
                for data__order_x, data__order_item in enumerate(data__order):
                    if not (isinstance(data__order_item, str) and data__order_item == 'script' or isinstance(data__order_item, str) and data__order_item == 'conda' or isinstance(data__order_item, str) and data__order_item == 'core' or isinstance(data__order_item, str) and data__order_item == 'pip'):
                        raise InvalidDocumentError
        if "files" in data_keys:
            data_keys.remove("files")
            data__files = data["files"]
            if not isinstance(data__files, (dict)):
                raise InvalidDocumentError
            data__files_is_dict = isinstance(data__files, dict)
            if data__files_is_dict:
                data__files_keys = set(data__files.keys())
                if "script" in data__files_keys:
                    data__files_keys.remove("script")
                    data__files__script = data__files["script"]
                    if not isinstance(data__files__script, (list, tuple)):
                        raise InvalidDocumentError
                    data__files__script_is_list = isinstance(data__files__script, (list, tuple))
                    if data__files__script_is_list:
                        data__files__script_len = len(data__files__script)
                        for data__files__script_x, data__files__script_item in enumerate(data__files__script):
                            validate___definitions_path(data__files__script_item, custom_formats)
                if "conda" in data__files_keys:
                    data__files_keys.remove("conda")
                    data__files__conda = data__files["conda"]
                    validate___definitions_path(data__files__conda, custom_formats)
                if "pip" in data__files_keys:
                    data__files_keys.remove("pip")
                    data__files__pip = data__files["pip"]
                    validate___definitions_path(data__files__pip, custom_formats)
                if data__files_keys:
                    raise InvalidDocumentError
        if "core" in data_keys:
            data_keys.remove("core")
            data__core = data["core"]
            if not isinstance(data__core, (list, tuple)):
                raise InvalidDocumentError
            data__core_is_list = isinstance(data__core, (list, tuple))
            if data__core_is_list:
                data__core_len = len(data__core)
                for data__core_x, data__core_item in enumerate(data__core):
                    validate___definitions_requirement(data__core_item, custom_formats)
        if "constraints" in data_keys:
            data_keys.remove("constraints")
            data__constraints = data["constraints"]
            if not isinstance(data__constraints, (list, tuple)):
                raise InvalidDocumentError
            data__constraints_is_list = isinstance(data__constraints, (list, tuple))
            if data__constraints_is_list:
                data__constraints_len = len(data__constraints)
                for data__constraints_x, data__constraints_item in enumerate(data__constraints):
                    validate___definitions_requirement(data__constraints_item, custom_formats)
        if "distributions" in data_keys:
            data_keys.remove("distributions")
            data__distributions = data["distributions"]
            if not isinstance(data__distributions, (list, tuple)):
                raise InvalidDocumentError
            data__distributions_is_list = isinstance(data__distributions, (list, tuple))
            if data__distributions_is_list:
                data__distributions_len = len(data__distributions)
                for data__distributions_x, data__distributions_item in enumerate(data__distributions):
                    if not isinstance(data__distributions_item, (dict)):
                        raise InvalidDocumentError
                    data__distributions_item_is_dict = isinstance(data__distributions_item, dict)
                    if data__distributions_item_is_dict:
                        data__distributions_item__missing_keys = set(['name', 'version']) - data__distributions_item.keys()
                        if data__distributions_item__missing_keys:
                            raise InvalidDocumentError
                        data__distributions_item_keys = set(data__distributions_item.keys())
                        if "name" in data__distributions_item_keys:
                            data__distributions_item_keys.remove("name")
                            data__distributions_item__name = data__distributions_item["name"]
                            if not isinstance(data__distributions_item__name, (str)):
                                raise InvalidDocumentError
                            if isinstance(data__distributions_item__name, str):
                                if not REGEX_PATTERNS['^[a-z0-9]+(-[a-z0-9]+)*$'].search(data__distributions_item__name):
                                    raise InvalidDocumentError
                        if "version" in data__distributions_item_keys:
                            data__distributions_item_keys.remove("version")
                            data__distributions_item__version = data__distributions_item["version"]
                            validate___definitions_text(data__distributions_item__version, custom_formats)
                        if "requires" in data__distributions_item_keys:
                            data__distributions_item_keys.remove("requires")
                            data__distributions_item__requires = data__distributions_item["requires"]
                            if not isinstance(data__distributions_item__requires, (list, tuple)):
                                raise InvalidDocumentError
                            data__distributions_item__requires_is_list = isinstance(data__distributions_item__requires, (list, tuple))
                            if data__distributions_item__requires_is_list:
                                data__distributions_item__requires_len = len(data__distributions_item__requires)
                                for data__distributions_item__requires_x, data__distributions_item__requires_item in enumerate(data__distributions_item__requires):
                                    validate___definitions_requirement(data__distributions_item__requires_item, custom_formats)
                        if "extras" in data__distributions_item_keys:
                            data__distributions_item_keys.remove("extras")
                            data__distributions_item__extras = data__distributions_item["extras"]
                            if not isinstance(data__distributions_item__extras, (list, tuple)):
                                raise InvalidDocumentError
                            data__distributions_item__extras_is_list = isinstance(data__distributions_item__extras, (list, tuple))
                            if data__distributions_item__extras_is_list:
                                data__distributions_item__extras_len = len(data__distributions_item__extras)
                                for data__distributions_item__extras_x, data__distributions_item__extras_item in enumerate(data__distributions_item__extras):
                                    validate___definitions_text(data__distributions_item__extras_item, custom_formats)
                        if "requires-python" in data__distributions_item_keys:
                            data__distributions_item_keys.remove("requires-python")
                            data__distributions_item__requirespython = data__distributions_item["requires-python"]
                            validate___definitions_text(data__distributions_item__requirespython, custom_formats)
                        if "on-index" in data__distributions_item_keys:
                            data__distributions_item_keys.remove("on-index")
                            data__distributions_item__onindex = data__distributions_item["on-index"]
                            if not isinstance(data__distributions_item__onindex, (bool)):
                                raise InvalidDocumentError
                        if data__distributions_item_keys:
                            raise InvalidDocumentError
        if "conda-records" in data_keys:
            data_keys.remove("conda-records")
            data__condarecords = data["conda-records"]
            if not isinstance(data__condarecords, (list, tuple)):
                raise InvalidDocumentError
            data__condarecords_is_list = isinstance(data__condarecords, (list, tuple))
            if data__condarecords_is_list:
                data__condarecords_len = len(data__condarecords)
                for data__condarecords_x, data__condarecords_item in enumerate(data__condarecords):
                    if not isinstance(data__condarecords_item, (dict)):
                        raise InvalidDocumentError
                    data__condarecords_item_is_dict = isinstance(data__condarecords_item, dict)
                    if data__condarecords_item_is_dict:
                        data__condarecords_item__missing_keys = set(['name', 'version']) - data__condarecords_item.keys()
                        if data__condarecords_item__missing_keys:
                            raise InvalidDocumentError
                        data__condarecords_item_keys = set(data__condarecords_item.keys())
                        if "name" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("name")
                            data__condarecords_item__name = data__condarecords_item["name"]
                            validate___definitions_text(data__condarecords_item__name, custom_formats)
                        if "version" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("version")
                            data__condarecords_item__version = data__condarecords_item["version"]
                            validate___definitions_text(data__condarecords_item__version, custom_formats)
                        if "build" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("build")
                            data__condarecords_item__build = data__condarecords_item["build"]
                            validate___definitions_text(data__condarecords_item__build, custom_formats)
                        if "depends" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("depends")
                            data__condarecords_item__depends = data__condarecords_item["depends"]
                            if not isinstance(data__condarecords_item__depends, (list, tuple)):
                                raise InvalidDocumentError
                            data__condarecords_item__depends_is_list = isinstance(data__condarecords_item__depends, (list, tuple))
                            if data__condarecords_item__depends_is_list:
                                data__condarecords_item__depends_len = len(data__condarecords_item__depends)
                                for data__condarecords_item__depends_x, data__condarecords_item__depends_item in enumerate(data__condarecords_item__depends):
                                    validate___definitions_text(data__condarecords_item__depends_item, custom_formats)
                        if "subdir" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("subdir")
                            data__condarecords_item__subdir = data__condarecords_item["subdir"]
                            validate___definitions_subdir(data__condarecords_item__subdir, custom_formats)
                        if "noarch" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("noarch")
                            data__condarecords_item__noarch = data__condarecords_item["noarch"]
                            if not (isinstance(data__condarecords_item__noarch, str) and data__condarecords_item__noarch == 'python' or isinstance(data__condarecords_item__noarch, str) and data__condarecords_item__noarch == 'generic'):
                                raise InvalidDocumentError
                        if "channel" in data__condarecords_item_keys:
                            data__condarecords_item_keys.remove("channel")
                            data__condarecords_item__channel = data__condarecords_item["channel"]
                            validate___definitions_channel(data__condarecords_item__channel, custom_formats)
                        if data__condarecords_item_keys:
                            raise InvalidDocumentError
        if data_keys:
            raise InvalidDocumentError
    return data

def validate___definitions_subdir(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^(noarch|[a-z]+-[a-z0-9]+)$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_requirement(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^(?!.*://[^/\\s]*@)[^\\u0000-\\u001f\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_path(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^(?!/)(?![A-Za-z]:)(?!(.*/)?\\.\\.(/|$))[^\\\\\\u0000-\\u001f\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_channel(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^(?!.*://[^/]*@)(?!.*/t/)[^\\u0000-\\u0020\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_text(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^[^\\u0000-\\u001f\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data
