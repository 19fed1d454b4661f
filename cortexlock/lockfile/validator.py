"""The validator of lockfile-v1.schema.json, written by `python -m cortexlock.formats.compile_schema`: never edit it."""

# mypy: ignore-errors
# fmt: off

from cortexlock.formats.invalid import InvalidDocumentError
from cortexlock.patterns import pattern

VERSION = "2.22.3"


REGEX_PATTERNS = {
    '^sha256:[0-9a-f]{64}$': pattern('^sha256:[0-9a-f]{64}\\Z'),
    '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$': pattern('^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\\Z'),
    '^[a-z0-9][a-z0-9_-]{0,63}$': pattern('^[a-z0-9][a-z0-9_-]{0,63}\\Z'),
    '^[0-9]+\\.[0-9]+(\\.[0-9]+((a|b|rc)[0-9]+)?)?$': pattern('^[0-9]+\\.[0-9]+(\\.[0-9]+((a|b|rc)[0-9]+)?)?\\Z'),
    '^[0-9]+\\.[0-9]+$': pattern('^[0-9]+\\.[0-9]+\\Z'),
    '^__[a-z0-9_]+$': pattern('^__[a-z0-9_]+\\Z'),
    '^(\\$\\{[A-Z0-9_]+\\}|(?!/)(?!.*://)[^\\\\@\\u0000-\\u001f\\u007f]+)$': pattern('^(\\$\\{[A-Z0-9_]+\\}|(?!/)(?!.*://)[^\\\\@\\u0000-\\u001f\\u007f]+)\\Z'),
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$': pattern('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\\Z'),
    '^[a-z0-9*][a-z0-9*-]*$': pattern('^[a-z0-9*][a-z0-9*-]*\\Z'),
    '^[a-z0-9]+(-[a-z0-9]+)*(==[A-Za-z0-9_][A-Za-z0-9_.+!-]*)?$': pattern('^[a-z0-9]+(-[a-z0-9]+)*(==[A-Za-z0-9_][A-Za-z0-9_.+!-]*)?\\Z'),
    '^(?![.-])(?=[!-~]{1,200}$|.{1,60}$)[^/\\\\:\\u0000-\\u0020\\u007f]+$': pattern('^(?![.-])(?=[!-~]{1,200}\\Z|.{1,60}\\Z)[^/\\\\:\\u0000-\\u0020\\u007f]+\\Z'),
    '^(?!-)[^\\u0000-\\u0020\\u007f^=:~?*\\[\\\\]+(\\^\\{\\})?=[0-9a-f]{40}$': pattern('^(?!-)[^\\u0000-\\u0020\\u007f^=:~?*\\[\\\\]+(\\^\\{\\})?=[0-9a-f]{40}\\Z'),
    '^(?!-)[^\\u0000-\\u0020\\u007f]+$': pattern('^(?!-)[^\\u0000-\\u0020\\u007f]+\\Z'),
    '^[0-9a-f]{40}([0-9a-f]{24})?$': pattern('^[0-9a-f]{40}([0-9a-f]{24})?\\Z'),
    '^(ssh://[A-Za-z0-9_.][^/:@]*@[A-Za-z0-9[]|(https?|git|ssh)://(?![^/]*@)[A-Za-z0-9[]|file://)[^\\u0000-\\u0020\\u007f]+$': pattern('^(ssh://[A-Za-z0-9_.][^/:@]*@[A-Za-z0-9[]|(https?|git|ssh)://(?![^/]*@)[A-Za-z0-9[]|file://)[^\\u0000-\\u0020\\u007f]+\\Z'),
    '^(https?://(?![^/]*@)[A-Za-z0-9[]|file://)[^\\u0000-\\u0020\\u007f]+$': pattern('^(https?://(?![^/]*@)[A-Za-z0-9[]|file://)[^\\u0000-\\u0020\\u007f]+\\Z'),
    '^[vV]?([0-9]+!)?[0-9]+(\\.[0-9]+)*([-_.]?([aA]|[bB]|[cC]|[rR][cC]|[aA][lL][pP][hH][aA]|[bB][eE][tT][aA]|[pP][rR][eE]|[pP][rR][eE][vV][iI][eE][wW])[-_.]?[0-9]*)?(-[0-9]+|[-_.]?([pP][oO][sS][tT]|[rR][eE][vV]|[rR])[-_.]?[0-9]*)?([-_.]?[dD][eE][vV][-_.]?[0-9]*)?(\\+[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*)?$': pattern('^[vV]?([0-9]+!)?[0-9]+(\\.[0-9]+)*([-_.]?([aA]|[bB]|[cC]|[rR][cC]|[aA][lL][pP][hH][aA]|[bB][eE][tT][aA]|[pP][rR][eE]|[pP][rR][eE][vV][iI][eE][wW])[-_.]?[0-9]*)?(-[0-9]+|[-_.]?([pP][oO][sS][tT]|[rR][eE][vV]|[rR])[-_.]?[0-9]*)?([-_.]?[dD][eE][vV][-_.]?[0-9]*)?(\\+[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*)?\\Z'),
    '^[0-9a-f]{32}$': pattern('^[0-9a-f]{32}\\Z'),
    '^(conda|pip) [A-Za-z0-9_][A-Za-z0-9_.+!-]*$': pattern('^(conda|pip) [A-Za-z0-9_][A-Za-z0-9_.+!-]*\\Z'),
    '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?==[A-Za-z0-9_][A-Za-z0-9_.+!-]*$': pattern('^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?==[A-Za-z0-9_][A-Za-z0-9_.+!-]*\\Z'),
    '^[a-z0-9]+(-[a-z0-9]+)*$': pattern('^[a-z0-9]+(-[a-z0-9]+)*\\Z'),
    '^[A-Za-z0-9_][A-Za-z0-9_.+!~-]*$': pattern('^[A-Za-z0-9_][A-Za-z0-9_.+!~-]*\\Z'),
    '^[A-Za-z0-9_][A-Za-z0-9_.+!-]*$': pattern('^[A-Za-z0-9_][A-Za-z0-9_.+!-]*\\Z'),
    '^[a-z0-9_][a-z0-9_.+-]*$': pattern('^[a-z0-9_][a-z0-9_.+-]*\\Z'),
    '^[A-Za-z0-9][A-Za-z0-9._-]*$': pattern('^[A-Za-z0-9][A-Za-z0-9._-]*\\Z'),
    '^(?!-)(?!.*://[^/]*@)(?!(?!\\.|/|file:).*/t/)[^\\u0000-\\u001f\\u007f]+$': pattern('^(?!-)(?!.*://[^/]*@)(?!(?!\\.|/|file:).*/t/)[^\\u0000-\\u001f\\u007f]+\\Z'),
    '^[0-9a-f]{64}$': pattern('^[0-9a-f]{64}\\Z'),
    '^(?!/)(?![A-Za-z]:)(?!(.*/)?\\.\\.(/|$))(?!.*[^/]{201})(?!(?=.*[^\\u0020-\\u007e]).*[^/]{61})[^\\\\\\u0000-\\u001f\\u007f]+$': pattern('^(?!/)(?![A-Za-z]:)(?!(.*/)?\\.\\.(/|\\Z))(?!.*[^/]{201})(?!(?=.*[^\\u0020-\\u007e]).*[^/]{61})[^\\\\\\u0000-\\u001f\\u007f]+\\Z'),
    '^[^\\u0000-\\u001f\\u007f]+$': pattern('^[^\\u0000-\\u001f\\u007f]+\\Z')
}

NoneType = type(None)

def validate_urn_cortexlock_lockfile_v1(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['lockfile-version', 'content-hash', 'predictor', 'platform', 'subdir', 'python', 'glibc', 'steps']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "lockfile-version" in data_keys:
            data_keys.remove("lockfile-version")
            data__lockfileversion = data["lockfile-version"]
            if not isinstance(data__lockfileversion, (int)) and not (isinstance(data__lockfileversion, float) and data__lockfileversion.is_integer()) or isinstance(data__lockfileversion, bool):
                raise InvalidDocumentError
            if isinstance(data__lockfileversion, (int, float)) and not isinstance(data__lockfileversion, bool):
                if data__lockfileversion < 1:
                    raise InvalidDocumentError
                if data__lockfileversion > 1:
                    raise InvalidDocumentError
        if "content-hash" in data_keys:
            data_keys.remove("content-hash")
            data__contenthash = data["content-hash"]
            if not isinstance(data__contenthash, (str)):
                raise InvalidDocumentError
            if isinstance(data__contenthash, str):
                if not REGEX_PATTERNS['^sha256:[0-9a-f]{64}$'].search(data__contenthash):
                    raise InvalidDocumentError
        if "predictor" in data_keys:
            data_keys.remove("predictor")
            data__predictor = data["predictor"]
            if not isinstance(data__predictor, (dict)):
                raise InvalidDocumentError
            data__predictor_is_dict = isinstance(data__predictor, dict)
            if data__predictor_is_dict:
                data__predictor__missing_keys = set(['image', 'closure']) - data__predictor.keys()
                if data__predictor__missing_keys:
                    raise InvalidDocumentError
                data__predictor_keys = set(data__predictor.keys())
                if "type" in data__predictor_keys:
                    data__predictor_keys.remove("type")
                    data__predictor__type = data__predictor["type"]
                    validate___definitions_text(data__predictor__type, custom_formats)
                if "cortex-version" in data__predictor_keys:
                    data__predictor_keys.remove("cortex-version")
                    data__predictor__cortexversion = data__predictor["cortex-version"]
                    validate___definitions_text(data__predictor__cortexversion, custom_formats)
                if "image" in data__predictor_keys:
                    data__predictor_keys.remove("image")
                    data__predictor__image = data__predictor["image"]
                    validate___definitions_text(data__predictor__image, custom_formats)
                if "slim" in data__predictor_keys:
                    data__predictor_keys.remove("slim")
                    data__predictor__slim = data__predictor["slim"]
                    if not isinstance(data__predictor__slim, (bool)):
                        raise InvalidDocumentError
                if "closure" in data__predictor_keys:
                    data__predictor_keys.remove("closure")
                    data__predictor__closure = data__predictor["closure"]
                    if not (isinstance(data__predictor__closure, str) and data__predictor__closure == 'documented' or isinstance(data__predictor__closure, str) and data__predictor__closure == 'resolved' or isinstance(data__predictor__closure, str) and data__predictor__closure == 'partial' or isinstance(data__predictor__closure, str) and data__predictor__closure == 'captured'):
                        raise InvalidDocumentError
                if "file" in data__predictor_keys:
                    data__predictor_keys.remove("file")
                    data__predictor__file = data__predictor["file"]
                    validate___definitions_path(data__predictor__file, custom_formats)
                if "digest" in data__predictor_keys:
                    data__predictor_keys.remove("digest")
                    data__predictor__digest = data__predictor["digest"]
                    if not isinstance(data__predictor__digest, (str)):
                        raise InvalidDocumentError
                    if isinstance(data__predictor__digest, str):
                        if not REGEX_PATTERNS['^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$'].search(data__predictor__digest):
                            raise InvalidDocumentError
                if data__predictor_keys:
                    raise InvalidDocumentError
        if "platform" in data_keys:
            data_keys.remove("platform")
            data__platform = data["platform"]
            if not (isinstance(data__platform, str) and data__platform == 'cpu' or isinstance(data__platform, str) and data__platform == 'cuda' or isinstance(data__platform, str) and data__platform == 'inf'):
                raise InvalidDocumentError
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            if not isinstance(data__name, (str)):
                raise InvalidDocumentError
            if isinstance(data__name, str):
                if not REGEX_PATTERNS['^[a-z0-9][a-z0-9_-]{0,63}$'].search(data__name):
                    raise InvalidDocumentError
        if "subdir" in data_keys:
            data_keys.remove("subdir")
            data__subdir = data["subdir"]
            if not (isinstance(data__subdir, str) and data__subdir == 'linux-64' or isinstance(data__subdir, str) and data__subdir == 'linux-aarch64'):
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
        if "virtual-packages" in data_keys:
            data_keys.remove("virtual-packages")
            data__virtualpackages = data["virtual-packages"]
            if not isinstance(data__virtualpackages, (list, tuple)):
                raise InvalidDocumentError
            data__virtualpackages_is_list = isinstance(data__virtualpackages, (list, tuple))
            if data__virtualpackages_is_list:
                data__virtualpackages_len = len(data__virtualpackages)
                for data__virtualpackages_x, data__virtualpackages_item in enumerate(data__virtualpackages):
                    if not isinstance(data__virtualpackages_item, (dict)):
                        raise InvalidDocumentError
                    data__virtualpackages_item_is_dict = isinstance(data__virtualpackages_item, dict)
                    if data__virtualpackages_item_is_dict:
                        data__virtualpackages_item__missing_keys = set(['name', 'version']) - data__virtualpackages_item.keys()
                        if data__virtualpackages_item__missing_keys:
                            raise InvalidDocumentError
                        data__virtualpackages_item_keys = set(data__virtualpackages_item.keys())
                        if "name" in data__virtualpackages_item_keys:
                            data__virtualpackages_item_keys.remove("name")
                            data__virtualpackages_item__name = data__virtualpackages_item["name"]
                            if not isinstance(data__virtualpackages_item__name, (str)):
                                raise InvalidDocumentError
                            if isinstance(data__virtualpackages_item__name, str):
                                if not REGEX_PATTERNS['^__[a-z0-9_]+$'].search(data__virtualpackages_item__name):
                                    raise InvalidDocumentError
                        if "version" in data__virtualpackages_item_keys:
                            data__virtualpackages_item_keys.remove("version")
                            data__virtualpackages_item__version = data__virtualpackages_item["version"]
                            validate___definitions_text(data__virtualpackages_item__version, custom_formats)
                        if "build" in data__virtualpackages_item_keys:
                            data__virtualpackages_item_keys.remove("build")
                            data__virtualpackages_item__build = data__virtualpackages_item["build"]
                            validate___definitions_text(data__virtualpackages_item__build, custom_formats)
                        if data__virtualpackages_item_keys:
                            raise InvalidDocumentError
        if "inputs" in data_keys:
            data_keys.remove("inputs")
            data__inputs = data["inputs"]
            if not isinstance(data__inputs, (list, tuple)):
                raise InvalidDocumentError
            data__inputs_is_list = isinstance(data__inputs, (list, tuple))
            if data__inputs_is_list:
                data__inputs_len = len(data__inputs)
                for data__inputs_x, data__inputs_item in enumerate(data__inputs):
                    if not isinstance(data__inputs_item, (dict)):
                        raise InvalidDocumentError
                    data__inputs_item_is_dict = isinstance(data__inputs_item, dict)
                    if data__inputs_item_is_dict:
                        data__inputs_item__missing_keys = set(['file', 'sha256']) - data__inputs_item.keys()
                        if data__inputs_item__missing_keys:
                            raise InvalidDocumentError
                        data__inputs_item_keys = set(data__inputs_item.keys())
                        if "file" in data__inputs_item_keys:
                            data__inputs_item_keys.remove("file")
                            data__inputs_item__file = data__inputs_item["file"]
                            validate___definitions_path(data__inputs_item__file, custom_formats)
                        if "sha256" in data__inputs_item_keys:
                            data__inputs_item_keys.remove("sha256")
                            data__inputs_item__sha256 = data__inputs_item["sha256"]
                            validate___definitions_sha256(data__inputs_item__sha256, custom_formats)
                        if data__inputs_item_keys:
                            raise InvalidDocumentError
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
        if "channel-priority" in data_keys:
            data_keys.remove("channel-priority")
            data__channelpriority = data["channel-priority"]
            if not (isinstance(data__channelpriority, str) and data__channelpriority == 'flexible' or isinstance(data__channelpriority, str) and data__channelpriority == 'strict' or isinstance(data__channelpriority, str) and data__channelpriority == 'disabled'):
                raise InvalidDocumentError
        if "indexes" in data_keys:
            data_keys.remove("indexes")
            data__indexes = data["indexes"]
            if not isinstance(data__indexes, (list, tuple)):
                raise InvalidDocumentError
            data__indexes_is_list = isinstance(data__indexes, (list, tuple))
            if data__indexes_is_list:
                data__indexes_len = len(data__indexes)
                for data__indexes_x, data__indexes_item in enumerate(data__indexes):
                    validate___definitions_alias(data__indexes_item, custom_formats)
        if "pip-config" in data_keys:
            data_keys.remove("pip-config")
            data__pipconfig = data["pip-config"]
            if not isinstance(data__pipconfig, (list, tuple)):
                raise InvalidDocumentError
            data__pipconfig_is_list = isinstance(data__pipconfig, (list, tuple))
            if data__pipconfig_is_list:
                data__pipconfig_len = len(data__pipconfig)
                for data__pipconfig_x, data__pipconfig_item in enumerate(data__pipconfig):
                    if not (isinstance(data__pipconfig_item, str) and data__pipconfig_item == 'index-url' or isinstance(data__pipconfig_item, str) and data__pipconfig_item == 'extra-index-url' or isinstance(data__pipconfig_item, str) and data__pipconfig_item == 'find-links'):
                        raise InvalidDocumentError
        if "credentials" in data_keys:
            data_keys.remove("credentials")
            data__credentials = data["credentials"]
            if not isinstance(data__credentials, (list, tuple)):
                raise InvalidDocumentError
            data__credentials_is_list = isinstance(data__credentials, (list, tuple))
            if data__credentials_is_list:
                data__credentials_len = len(data__credentials)
                for data__credentials_x, data__credentials_item in enumerate(data__credentials):
                    if not isinstance(data__credentials_item, (dict)):
                        raise InvalidDocumentError
                    data__credentials_item_is_dict = isinstance(data__credentials_item, dict)
                    if data__credentials_item_is_dict:
                        data__credentials_item__missing_keys = set(['supplied-by']) - data__credentials_item.keys()
                        if data__credentials_item__missing_keys:
                            raise InvalidDocumentError
                        data__credentials_item_keys = set(data__credentials_item.keys())
                        if "index" in data__credentials_item_keys:
                            data__credentials_item_keys.remove("index")
                            data__credentials_item__index = data__credentials_item["index"]
                            validate___definitions_alias(data__credentials_item__index, custom_formats)
                        if "package" in data__credentials_item_keys:
                            data__credentials_item_keys.remove("package")
                            data__credentials_item__package = data__credentials_item["package"]
                            validate___definitions_project_name(data__credentials_item__package, custom_formats)
                        if "supplied-by" in data__credentials_item_keys:
                            data__credentials_item_keys.remove("supplied-by")
                            data__credentials_item__suppliedby = data__credentials_item["supplied-by"]
                            if not isinstance(data__credentials_item__suppliedby, (list, tuple)):
                                raise InvalidDocumentError
                            data__credentials_item__suppliedby_is_list = isinstance(data__credentials_item__suppliedby, (list, tuple))
                            if data__credentials_item__suppliedby_is_list:
                                data__credentials_item__suppliedby_len = len(data__credentials_item__suppliedby)
                                if data__credentials_item__suppliedby_len < 1:
                                    raise InvalidDocumentError
                                for data__credentials_item__suppliedby_x, data__credentials_item__suppliedby_item in enumerate(data__credentials_item__suppliedby):
                                    if not isinstance(data__credentials_item__suppliedby_item, (str)):
                                        raise InvalidDocumentError
                                    if isinstance(data__credentials_item__suppliedby_item, str):
                                        if not REGEX_PATTERNS['^(\\$\\{[A-Z0-9_]+\\}|(?!/)(?!.*://)[^\\\\@\\u0000-\\u001f\\u007f]+)$'].search(data__credentials_item__suppliedby_item):
                                            raise InvalidDocumentError
                        if data__credentials_item_keys:
                            raise InvalidDocumentError
        if "exclude-newer" in data_keys:
            data_keys.remove("exclude-newer")
            data__excludenewer = data["exclude-newer"]
            if not isinstance(data__excludenewer, (str)):
                raise InvalidDocumentError
            if isinstance(data__excludenewer, str):
                if not REGEX_PATTERNS['^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'].search(data__excludenewer):
                    raise InvalidDocumentError
        if "freeze" in data_keys:
            data_keys.remove("freeze")
            data__freeze = data["freeze"]
            if not isinstance(data__freeze, (list, tuple)):
                raise InvalidDocumentError
            data__freeze_is_list = isinstance(data__freeze, (list, tuple))
            if data__freeze_is_list:
                data__freeze_len = len(data__freeze)
                for data__freeze_x, data__freeze_item in enumerate(data__freeze):
                    if not isinstance(data__freeze_item, (str)):
                        raise InvalidDocumentError
                    if isinstance(data__freeze_item, str):
                        if not REGEX_PATTERNS['^[a-z0-9*][a-z0-9*-]*$'].search(data__freeze_item):
                            raise InvalidDocumentError
        if "resolvers" in data_keys:
            data_keys.remove("resolvers")
            data__resolvers = data["resolvers"]
            if not isinstance(data__resolvers, (list, tuple)):
                raise InvalidDocumentError
            data__resolvers_is_list = isinstance(data__resolvers, (list, tuple))
            if data__resolvers_is_list:
                data__resolvers_len = len(data__resolvers)
                for data__resolvers_x, data__resolvers_item in enumerate(data__resolvers):
                    if not isinstance(data__resolvers_item, (dict)):
                        raise InvalidDocumentError
                    data__resolvers_item_is_dict = isinstance(data__resolvers_item, dict)
                    if data__resolvers_item_is_dict:
                        data__resolvers_item__missing_keys = set(['name', 'version']) - data__resolvers_item.keys()
                        if data__resolvers_item__missing_keys:
                            raise InvalidDocumentError
                        data__resolvers_item_keys = set(data__resolvers_item.keys())
                        if "name" in data__resolvers_item_keys:
                            data__resolvers_item_keys.remove("name")
                            data__resolvers_item__name = data__resolvers_item["name"]
                            validate___definitions_text(data__resolvers_item__name, custom_formats)
                        if "version" in data__resolvers_item_keys:
                            data__resolvers_item_keys.remove("version")
                            data__resolvers_item__version = data__resolvers_item["version"]
                            validate___definitions_text(data__resolvers_item__version, custom_formats)
                        if data__resolvers_item_keys:
                            raise InvalidDocumentError
        if "pre-installed" in data_keys:
            data_keys.remove("pre-installed")
            data__preinstalled = data["pre-installed"]
            if not isinstance(data__preinstalled, (list, tuple)):
                raise InvalidDocumentError
            data__preinstalled_is_list = isinstance(data__preinstalled, (list, tuple))
            if data__preinstalled_is_list:
                data__preinstalled_len = len(data__preinstalled)
                for data__preinstalled_x, data__preinstalled_item in enumerate(data__preinstalled):
                    if not isinstance(data__preinstalled_item, (dict)):
                        raise InvalidDocumentError
                    data__preinstalled_item_is_dict = isinstance(data__preinstalled_item, dict)
                    if data__preinstalled_item_is_dict:
                        data__preinstalled_item__missing_keys = set(['manager', 'name', 'version']) - data__preinstalled_item.keys()
                        if data__preinstalled_item__missing_keys:
                            raise InvalidDocumentError
                        data__preinstalled_item_keys = set(data__preinstalled_item.keys())
                        if "manager" in data__preinstalled_item_keys:
                            data__preinstalled_item_keys.remove("manager")
                            data__preinstalled_item__manager = data__preinstalled_item["manager"]
                            if not (isinstance(data__preinstalled_item__manager, str) and data__preinstalled_item__manager == 'conda' or isinstance(data__preinstalled_item__manager, str) and data__preinstalled_item__manager == 'pip'):
                                raise InvalidDocumentError
                        if "name" in data__preinstalled_item_keys:
                            data__preinstalled_item_keys.remove("name")
                            data__preinstalled_item__name = data__preinstalled_item["name"]
                            validate___definitions_conda_name(data__preinstalled_item__name, custom_formats)
                        if "version" in data__preinstalled_item_keys:
                            data__preinstalled_item_keys.remove("version")
                            data__preinstalled_item__version = data__preinstalled_item["version"]
                            validate___definitions_version(data__preinstalled_item__version, custom_formats)
                        if data__preinstalled_item_keys:
                            raise InvalidDocumentError
        if "steps" in data_keys:
            data_keys.remove("steps")
            data__steps = data["steps"]
            if not isinstance(data__steps, (list, tuple)):
                raise InvalidDocumentError
            data__steps_is_list = isinstance(data__steps, (list, tuple))
            if data__steps_is_list:
                data__steps_len = len(data__steps)
                for data__steps_x, data__steps_item in enumerate(data__steps):
                    validate___definitions_step(data__steps_item, custom_formats)
        if data_keys:
            raise InvalidDocumentError
    return data

def validate___definitions_step(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    try:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_keys = set(data.keys())
            if "step" in data_keys:
                data_keys.remove("step")
                data__step = data["step"]
                if not (isinstance(data__step, str) and data__step == 'script'):
                    raise InvalidDocumentError
    except (InvalidDocumentError, InvalidDocumentError):
        pass
    else:
        validate___definitions_script_step(data, custom_formats)
    try:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_keys = set(data.keys())
            if "step" in data_keys:
                data_keys.remove("step")
                data__step = data["step"]
                if not (isinstance(data__step, str) and data__step == 'conda'):
                    raise InvalidDocumentError
    except (InvalidDocumentError, InvalidDocumentError):
        pass
    else:
        validate___definitions_conda_step(data, custom_formats)
    try:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_keys = set(data.keys())
            if "step" in data_keys:
                data_keys.remove("step")
                data__step = data["step"]
                if not (isinstance(data__step, str) and data__step == 'core' or isinstance(data__step, str) and data__step == 'pip'):
                    raise InvalidDocumentError
    except (InvalidDocumentError, InvalidDocumentError):
        pass
    else:
        validate___definitions_pip_step(data, custom_formats)
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['step']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "step" in data_keys:
            data_keys.remove("step")
            data__step = data["step"]
            if not (isinstance(data__step, str) and data__step == 'script' or isinstance(data__step, str) and data__step == 'conda' or isinstance(data__step, str) and data__step == 'core' or isinstance(data__step, str) and data__step == 'pip'):
                raise InvalidDocumentError
    return data

def validate___definitions_pip_step(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['step', 'packages']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "step" in data_keys:
            data_keys.remove("step")
            data__step = data["step"]
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            validate___definitions_path(data__file, custom_formats)
        if "packages" in data_keys:
            data_keys.remove("packages")
            data__packages = data["packages"]
            if not isinstance(data__packages, (list, tuple)):
                raise InvalidDocumentError
            data__packages_is_list = isinstance(data__packages, (list, tuple))
            if data__packages_is_list:
                data__packages_len = len(data__packages)
                for data__packages_x, data__packages_item in enumerate(data__packages):
                    validate___definitions_pip_package(data__packages_item, custom_formats)
        if "build-requirements" in data_keys:
            data_keys.remove("build-requirements")
            data__buildrequirements = data["build-requirements"]
            if not isinstance(data__buildrequirements, (list, tuple)):
                raise InvalidDocumentError
            data__buildrequirements_is_list = isinstance(data__buildrequirements, (list, tuple))
            if data__buildrequirements_is_list:
                data__buildrequirements_len = len(data__buildrequirements)
                for data__buildrequirements_x, data__buildrequirements_item in enumerate(data__buildrequirements):
                    validate___definitions_build_requirement(data__buildrequirements_item, custom_formats)
        if "conflicts" in data_keys:
            data_keys.remove("conflicts")
            data__conflicts = data["conflicts"]
            if not isinstance(data__conflicts, (list, tuple)):
                raise InvalidDocumentError
            data__conflicts_is_list = isinstance(data__conflicts, (list, tuple))
            if data__conflicts_is_list:
                data__conflicts_len = len(data__conflicts)
                for data__conflicts_x, data__conflicts_item in enumerate(data__conflicts):
                    if not isinstance(data__conflicts_item, (dict)):
                        raise InvalidDocumentError
                    data__conflicts_item_is_dict = isinstance(data__conflicts_item, dict)
                    if data__conflicts_item_is_dict:
                        data__conflicts_item__missing_keys = set(['package', 'version', 'requirement']) - data__conflicts_item.keys()
                        if data__conflicts_item__missing_keys:
                            raise InvalidDocumentError
                        data__conflicts_item_keys = set(data__conflicts_item.keys())
                        if "package" in data__conflicts_item_keys:
                            data__conflicts_item_keys.remove("package")
                            data__conflicts_item__package = data__conflicts_item["package"]
                            validate___definitions_text(data__conflicts_item__package, custom_formats)
                        if "version" in data__conflicts_item_keys:
                            data__conflicts_item_keys.remove("version")
                            data__conflicts_item__version = data__conflicts_item["version"]
                            validate___definitions_text(data__conflicts_item__version, custom_formats)
                        if "requirement" in data__conflicts_item_keys:
                            data__conflicts_item_keys.remove("requirement")
                            data__conflicts_item__requirement = data__conflicts_item["requirement"]
                            validate___definitions_text(data__conflicts_item__requirement, custom_formats)
                        if "found" in data__conflicts_item_keys:
                            data__conflicts_item_keys.remove("found")
                            data__conflicts_item__found = data__conflicts_item["found"]
                            validate___definitions_text(data__conflicts_item__found, custom_formats)
                        if "already" in data__conflicts_item_keys:
                            data__conflicts_item_keys.remove("already")
                            data__conflicts_item__already = data__conflicts_item["already"]
                            if not isinstance(data__conflicts_item__already, (bool)):
                                raise InvalidDocumentError
                        if data__conflicts_item_keys:
                            raise InvalidDocumentError
        if data_keys:
            raise InvalidDocumentError
    return data

def validate___definitions_build_requirement(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    validate___definitions_source(data, custom_formats)
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name', 'version', 'needed-by']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            validate___definitions_project_name(data__name, custom_formats)
        if "version" in data_keys:
            data_keys.remove("version")
            data__version = data["version"]
            validate___definitions_project_version(data__version, custom_formats)
        if "by" in data_keys:
            data_keys.remove("by")
            data__by = data["by"]
            validate___definitions_by(data__by, custom_formats)
        if "index" in data_keys:
            data_keys.remove("index")
            data__index = data["index"]
            validate___definitions_alias(data__index, custom_formats)
        if "url" in data_keys:
            data_keys.remove("url")
            data__url = data["url"]
            validate___definitions_url(data__url, custom_formats)
        if "git" in data_keys:
            data_keys.remove("git")
            data__git = data["git"]
            validate___definitions_repository(data__git, custom_formats)
        if "commit" in data_keys:
            data_keys.remove("commit")
            data__commit = data["commit"]
            validate___definitions_commit(data__commit, custom_formats)
        if "reference" in data_keys:
            data_keys.remove("reference")
            data__reference = data["reference"]
            validate___definitions_reference(data__reference, custom_formats)
        if "tags" in data_keys:
            data_keys.remove("tags")
            data__tags = data["tags"]
            validate___definitions_tags(data__tags, custom_formats)
        if "subdirectory" in data_keys:
            data_keys.remove("subdirectory")
            data__subdirectory = data["subdirectory"]
            validate___definitions_path(data__subdirectory, custom_formats)
        if "directory" in data_keys:
            data_keys.remove("directory")
            data__directory = data["directory"]
            validate___definitions_path(data__directory, custom_formats)
        if "archive" in data_keys:
            data_keys.remove("archive")
            data__archive = data["archive"]
            validate___definitions_path(data__archive, custom_formats)
        if "editable" in data_keys:
            data_keys.remove("editable")
            data__editable = data["editable"]
            if not isinstance(data__editable, (bool)):
                raise InvalidDocumentError
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            validate___definitions_file_name(data__file, custom_formats)
        if "sha256" in data_keys:
            data_keys.remove("sha256")
            data__sha256 = data["sha256"]
            validate___definitions_sha256(data__sha256, custom_formats)
        if "size" in data_keys:
            data_keys.remove("size")
            data__size = data["size"]
            validate___definitions_size(data__size, custom_formats)
        if "yanked" in data_keys:
            data_keys.remove("yanked")
            data__yanked = data["yanked"]
            if not isinstance(data__yanked, (bool)):
                raise InvalidDocumentError
        if "needed-by" in data_keys:
            data_keys.remove("needed-by")
            data__neededby = data["needed-by"]
            if not isinstance(data__neededby, (list, tuple)):
                raise InvalidDocumentError
            data__neededby_is_list = isinstance(data__neededby, (list, tuple))
            if data__neededby_is_list:
                data__neededby_len = len(data__neededby)
                for data__neededby_x, data__neededby_item in enumerate(data__neededby):
                    if not isinstance(data__neededby_item, (str)):
                        raise InvalidDocumentError
                    if isinstance(data__neededby_item, str):
                        data__neededby_item_len = len(data__neededby_item)
                        if data__neededby_item_len > 260:
                            raise InvalidDocumentError
                        if not REGEX_PATTERNS['^[a-z0-9]+(-[a-z0-9]+)*(==[A-Za-z0-9_][A-Za-z0-9_.+!-]*)?$'].search(data__neededby_item):
                            raise InvalidDocumentError
        if data_keys:
            raise InvalidDocumentError
    return data

def validate___definitions_size(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (int)) and not (isinstance(data, float) and data.is_integer()) or isinstance(data, bool):
        raise InvalidDocumentError
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        if data < 0:
            raise InvalidDocumentError
        if data > 9007199254740991:
            raise InvalidDocumentError
    return data

def validate___definitions_file_name(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^(?![.-])(?=[!-~]{1,200}$|.{1,60}$)[^/\\\\:\\u0000-\\u0020\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_tags(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (list, tuple)):
        raise InvalidDocumentError
    data_is_list = isinstance(data, (list, tuple))
    if data_is_list:
        data_len = len(data)
        if data_len > 20:
            raise InvalidDocumentError
        for data_x, data_item in enumerate(data):
            if not isinstance(data_item, (str)):
                raise InvalidDocumentError
            if isinstance(data_item, str):
                data_item_len = len(data_item)
                if data_item_len > 300:
                    raise InvalidDocumentError
                if not REGEX_PATTERNS['^(?!-)[^\\u0000-\\u0020\\u007f^=:~?*\\[\\\\]+(\\^\\{\\})?=[0-9a-f]{40}$'].search(data_item):
                    raise InvalidDocumentError
    return data

def validate___definitions_reference(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 250:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^(?!-)[^\\u0000-\\u0020\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_commit(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^[0-9a-f]{40}([0-9a-f]{24})?$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_repository(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 2000:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^(ssh://[A-Za-z0-9_.][^/:@]*@[A-Za-z0-9[]|(https?|git|ssh)://(?![^/]*@)[A-Za-z0-9[]|file://)[^\\u0000-\\u0020\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_url(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 2000:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^(https?://(?![^/]*@)[A-Za-z0-9[]|file://)[^\\u0000-\\u0020\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_by(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (list, tuple)):
        raise InvalidDocumentError
    data_is_list = isinstance(data, (list, tuple))
    if data_is_list:
        data_len = len(data)
        for data_x, data_item in enumerate(data):
            validate___definitions_text(data_item, custom_formats)
    return data

def validate___definitions_project_version(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 128:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[vV]?([0-9]+!)?[0-9]+(\\.[0-9]+)*([-_.]?([aA]|[bB]|[cC]|[rR][cC]|[aA][lL][pP][hH][aA]|[bB][eE][tT][aA]|[pP][rR][eE]|[pP][rR][eE][vV][iI][eE][wW])[-_.]?[0-9]*)?(-[0-9]+|[-_.]?([pP][oO][sS][tT]|[rR][eE][vV]|[rR])[-_.]?[0-9]*)?([-_.]?[dD][eE][vV][-_.]?[0-9]*)?(\\+[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*)?$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_source(data, custom_formats={}, name_prefix=None):
    data_one_of_count1 = 0
    if data_one_of_count1 < 2:
        try:
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data__missing_keys = set(['index']) - data.keys()
                if data__missing_keys:
                    raise InvalidDocumentError
            data_one_of_count1 += 1
        except (InvalidDocumentError, InvalidDocumentError): pass
    if data_one_of_count1 < 2:
        try:
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data__missing_keys = set(['url']) - data.keys()
                if data__missing_keys:
                    raise InvalidDocumentError
            data_one_of_count1 += 1
        except (InvalidDocumentError, InvalidDocumentError): pass
    if data_one_of_count1 < 2:
        try:
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data__missing_keys = set(['archive']) - data.keys()
                if data__missing_keys:
                    raise InvalidDocumentError
            data_one_of_count1 += 1
        except (InvalidDocumentError, InvalidDocumentError): pass
    if data_one_of_count1 < 2:
        try:
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data__missing_keys = set(['git']) - data.keys()
                if data__missing_keys:
                    raise InvalidDocumentError
            data_one_of_count1 += 1
        except (InvalidDocumentError, InvalidDocumentError): pass
    if data_one_of_count1 < 2:
        try:
            data_is_dict = isinstance(data, dict)
            if data_is_dict:
                data__missing_keys = set(['directory']) - data.keys()
                if data__missing_keys:
                    raise InvalidDocumentError
            data_one_of_count1 += 1
        except (InvalidDocumentError, InvalidDocumentError): pass
    if data_one_of_count1 != 1:
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['sha256']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        if "index" in data:
            if "file" not in data:
                raise InvalidDocumentError
        if "url" in data:
            if "file" not in data:
                raise InvalidDocumentError
        if "archive" in data:
            if "file" not in data:
                raise InvalidDocumentError
        if "git" in data:
            if "commit" not in data:
                raise InvalidDocumentError
        if "commit" in data:
            if "git" not in data:
                raise InvalidDocumentError
        if "reference" in data:
            if "git" not in data:
                raise InvalidDocumentError
        if "tags" in data:
            if "git" not in data:
                raise InvalidDocumentError
    return data

def validate___definitions_pip_package(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name', 'version', 'action']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            validate___definitions_project_name(data__name, custom_formats)
        if "version" in data_keys:
            data_keys.remove("version")
            data__version = data["version"]
            validate___definitions_project_version(data__version, custom_formats)
        if "action" in data_keys:
            data_keys.remove("action")
            data__action = data["action"]
            validate___definitions_action(data__action, custom_formats)
        if "replaces" in data_keys:
            data_keys.remove("replaces")
            data__replaces = data["replaces"]
            validate___definitions_version(data__replaces, custom_formats)
        if "by" in data_keys:
            data_keys.remove("by")
            data__by = data["by"]
            validate___definitions_by(data__by, custom_formats)
        if "index" in data_keys:
            data_keys.remove("index")
            data__index = data["index"]
            validate___definitions_alias(data__index, custom_formats)
        if "url" in data_keys:
            data_keys.remove("url")
            data__url = data["url"]
            validate___definitions_url(data__url, custom_formats)
        if "git" in data_keys:
            data_keys.remove("git")
            data__git = data["git"]
            validate___definitions_repository(data__git, custom_formats)
        if "commit" in data_keys:
            data_keys.remove("commit")
            data__commit = data["commit"]
            validate___definitions_commit(data__commit, custom_formats)
        if "reference" in data_keys:
            data_keys.remove("reference")
            data__reference = data["reference"]
            validate___definitions_reference(data__reference, custom_formats)
        if "tags" in data_keys:
            data_keys.remove("tags")
            data__tags = data["tags"]
            validate___definitions_tags(data__tags, custom_formats)
        if "subdirectory" in data_keys:
            data_keys.remove("subdirectory")
            data__subdirectory = data["subdirectory"]
            validate___definitions_path(data__subdirectory, custom_formats)
        if "directory" in data_keys:
            data_keys.remove("directory")
            data__directory = data["directory"]
            validate___definitions_path(data__directory, custom_formats)
        if "archive" in data_keys:
            data_keys.remove("archive")
            data__archive = data["archive"]
            validate___definitions_path(data__archive, custom_formats)
        if "editable" in data_keys:
            data_keys.remove("editable")
            data__editable = data["editable"]
            if not isinstance(data__editable, (bool)):
                raise InvalidDocumentError
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            validate___definitions_file_name(data__file, custom_formats)
        if "sha256" in data_keys:
            data_keys.remove("sha256")
            data__sha256 = data["sha256"]
            validate___definitions_sha256(data__sha256, custom_formats)
        if "size" in data_keys:
            data_keys.remove("size")
            data__size = data["size"]
            validate___definitions_size(data__size, custom_formats)
        if "yanked" in data_keys:
            data_keys.remove("yanked")
            data__yanked = data["yanked"]
            if not isinstance(data__yanked, (bool)):
                raise InvalidDocumentError
        if "no-build-isolation" in data_keys:
            data_keys.remove("no-build-isolation")
            data__nobuildisolation = data["no-build-isolation"]
            if not (isinstance(data__nobuildisolation, bool) and data__nobuildisolation is True):
                raise InvalidDocumentError
        if "builds-with" in data_keys:
            data_keys.remove("builds-with")
            data__buildswith = data["builds-with"]
            if not isinstance(data__buildswith, (list, tuple)):
                raise InvalidDocumentError
            data__buildswith_is_list = isinstance(data__buildswith, (list, tuple))
            if data__buildswith_is_list:
                data__buildswith_len = len(data__buildswith)
                for data__buildswith_x, data__buildswith_item in enumerate(data__buildswith):
                    validate___definitions_project_name(data__buildswith_item, custom_formats)
        if "metadata" in data_keys:
            data_keys.remove("metadata")
            data__metadata = data["metadata"]
            if not (isinstance(data__metadata, str) and data__metadata == 'sdist'):
                raise InvalidDocumentError
        if data_keys:
            raise InvalidDocumentError
    try:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_keys = set(data.keys())
            if "action" in data_keys:
                data_keys.remove("action")
                data__action = data["action"]
                if not (isinstance(data__action, str) and data__action == 'keep'):
                    raise InvalidDocumentError
    except (InvalidDocumentError, InvalidDocumentError):
        validate___definitions_source(data, custom_formats)
    else:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_len = len(data)
            if data_len != 0:
                data_property_names = True
                for data_key in data:
                    try:
                        if not (isinstance(data_key, str) and data_key == 'name' or isinstance(data_key, str) and data_key == 'version' or isinstance(data_key, str) and data_key == 'action' or isinstance(data_key, str) and data_key == 'by'):
                            raise InvalidDocumentError
                    except (InvalidDocumentError, InvalidDocumentError):
                        data_property_names = False
                if not data_property_names:
                    raise InvalidDocumentError
    return data

def validate___definitions_action(data, custom_formats={}, name_prefix=None):
    if not (isinstance(data, str) and data == 'add' or isinstance(data, str) and data == 'change' or isinstance(data, str) and data == 'keep'):
        raise InvalidDocumentError
    return data

def validate___definitions_conda_step(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['step', 'file', 'packages']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "step" in data_keys:
            data_keys.remove("step")
            data__step = data["step"]
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            validate___definitions_path(data__file, custom_formats)
        if "packages" in data_keys:
            data_keys.remove("packages")
            data__packages = data["packages"]
            if not isinstance(data__packages, (list, tuple)):
                raise InvalidDocumentError
            data__packages_is_list = isinstance(data__packages, (list, tuple))
            if data__packages_is_list:
                data__packages_len = len(data__packages)
                for data__packages_x, data__packages_item in enumerate(data__packages):
                    validate___definitions_conda_package(data__packages_item, custom_formats)
        if data_keys:
            raise InvalidDocumentError
    return data

def validate___definitions_conda_package(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name', 'version', 'action']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "name" in data_keys:
            data_keys.remove("name")
            data__name = data["name"]
            validate___definitions_conda_name(data__name, custom_formats)
        if "version" in data_keys:
            data_keys.remove("version")
            data__version = data["version"]
            validate___definitions_version(data__version, custom_formats)
        if "build" in data_keys:
            data_keys.remove("build")
            data__build = data["build"]
            validate___definitions_build_string(data__build, custom_formats)
        if "channel" in data_keys:
            data_keys.remove("channel")
            data__channel = data["channel"]
            validate___definitions_channel(data__channel, custom_formats)
        if "subdir" in data_keys:
            data_keys.remove("subdir")
            data__subdir = data["subdir"]
            validate___definitions_subdir(data__subdir, custom_formats)
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            validate___definitions_file_name(data__file, custom_formats)
        if "sha256" in data_keys:
            data_keys.remove("sha256")
            data__sha256 = data["sha256"]
            validate___definitions_sha256(data__sha256, custom_formats)
        if "md5" in data_keys:
            data_keys.remove("md5")
            data__md5 = data["md5"]
            if not isinstance(data__md5, (str)):
                raise InvalidDocumentError
            if isinstance(data__md5, str):
                if not REGEX_PATTERNS['^[0-9a-f]{32}$'].search(data__md5):
                    raise InvalidDocumentError
        if "size" in data_keys:
            data_keys.remove("size")
            data__size = data["size"]
            validate___definitions_size(data__size, custom_formats)
        if "action" in data_keys:
            data_keys.remove("action")
            data__action = data["action"]
            validate___definitions_action(data__action, custom_formats)
        if "replaces" in data_keys:
            data_keys.remove("replaces")
            data__replaces = data["replaces"]
            if not isinstance(data__replaces, (list, tuple)):
                raise InvalidDocumentError
            data__replaces_is_list = isinstance(data__replaces, (list, tuple))
            if data__replaces_is_list:
                data__replaces_len = len(data__replaces)
                for data__replaces_x, data__replaces_item in enumerate(data__replaces):
                    if not isinstance(data__replaces_item, (str)):
                        raise InvalidDocumentError
                    if isinstance(data__replaces_item, str):
                        data__replaces_item_len = len(data__replaces_item)
                        if data__replaces_item_len > 140:
                            raise InvalidDocumentError
                        if not REGEX_PATTERNS['^(conda|pip) [A-Za-z0-9_][A-Za-z0-9_.+!-]*$'].search(data__replaces_item):
                            raise InvalidDocumentError
        if "by" in data_keys:
            data_keys.remove("by")
            data__by = data["by"]
            validate___definitions_by(data__by, custom_formats)
        if "distributions" in data_keys:
            data_keys.remove("distributions")
            data__distributions = data["distributions"]
            if not isinstance(data__distributions, (list, tuple)):
                raise InvalidDocumentError
            data__distributions_is_list = isinstance(data__distributions, (list, tuple))
            if data__distributions_is_list:
                data__distributions_len = len(data__distributions)
                for data__distributions_x, data__distributions_item in enumerate(data__distributions):
                    if not isinstance(data__distributions_item, (str)):
                        raise InvalidDocumentError
                    if isinstance(data__distributions_item, str):
                        data__distributions_item_len = len(data__distributions_item)
                        if data__distributions_item_len > 260:
                            raise InvalidDocumentError
                        if not REGEX_PATTERNS['^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?==[A-Za-z0-9_][A-Za-z0-9_.+!-]*$'].search(data__distributions_item):
                            raise InvalidDocumentError
        if data_keys:
            raise InvalidDocumentError
    try:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_keys = set(data.keys())
            if "action" in data_keys:
                data_keys.remove("action")
                data__action = data["action"]
                if not (isinstance(data__action, str) and data__action == 'keep'):
                    raise InvalidDocumentError
    except (InvalidDocumentError, InvalidDocumentError):
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data__missing_keys = set(['channel', 'subdir', 'file', 'sha256']) - data.keys()
            if data__missing_keys:
                raise InvalidDocumentError
    else:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_len = len(data)
            if data_len != 0:
                data_property_names = True
                for data_key in data:
                    try:
                        if not (isinstance(data_key, str) and data_key == 'name' or isinstance(data_key, str) and data_key == 'version' or isinstance(data_key, str) and data_key == 'build' or isinstance(data_key, str) and data_key == 'action' or isinstance(data_key, str) and data_key == 'by' or isinstance(data_key, str) and data_key == 'distributions'):
                            raise InvalidDocumentError
                    except (InvalidDocumentError, InvalidDocumentError):
                        data_property_names = False
                if not data_property_names:
                    raise InvalidDocumentError
    return data

def validate___definitions_subdir(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 40:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[a-z0-9]+(-[a-z0-9]+)*$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_build_string(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 128:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[A-Za-z0-9_][A-Za-z0-9_.+!~-]*$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_script_step(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (dict)):
        raise InvalidDocumentError
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['step', 'file', 'sha256']) - data.keys()
        if data__missing_keys:
            raise InvalidDocumentError
        data_keys = set(data.keys())
        if "step" in data_keys:
            data_keys.remove("step")
            data__step = data["step"]
        if "file" in data_keys:
            data_keys.remove("file")
            data__file = data["file"]
            validate___definitions_path(data__file, custom_formats)
        if "sha256" in data_keys:
            data_keys.remove("sha256")
            data__sha256 = data["sha256"]
            validate___definitions_sha256(data__sha256, custom_formats)
        if data_keys:
            raise InvalidDocumentError
    return data

def validate___definitions_version(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 128:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[A-Za-z0-9_][A-Za-z0-9_.+!-]*$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_conda_name(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 128:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[a-z0-9_][a-z0-9_.+-]*$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_project_name(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 128:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[a-z0-9]+(-[a-z0-9]+)*$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_alias(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 128:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[A-Za-z0-9][A-Za-z0-9._-]*$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_channel(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 1000:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^(?!-)(?!.*://[^/]*@)(?!(?!\\.|/|file:).*/t/)[^\\u0000-\\u001f\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_sha256(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        if not REGEX_PATTERNS['^[0-9a-f]{64}$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_path(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 1000:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^(?!/)(?![A-Za-z]:)(?!(.*/)?\\.\\.(/|$))(?!.*[^/]{201})(?!(?=.*[^\\u0020-\\u007e]).*[^/]{61})[^\\\\\\u0000-\\u001f\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data

def validate___definitions_text(data, custom_formats={}, name_prefix=None):
    if not isinstance(data, (str)):
        raise InvalidDocumentError
    if isinstance(data, str):
        data_len = len(data)
        if data_len > 2000:
            raise InvalidDocumentError
        if not REGEX_PATTERNS['^[^\\u0000-\\u001f\\u007f]+$'].search(data):
            raise InvalidDocumentError
    return data
