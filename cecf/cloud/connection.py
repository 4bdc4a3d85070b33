"""A connection to the cloud that the settings name; one for each cloud and process."""

from functools import lru_cache

import openstack
from keystoneauth1 import exceptions as keystone
from openstack.connection import Connection
from openstack.exceptions import ConfigException

from cecf.problems import CloudUnavailableError, InvalidInputError, Problem, config_set


@lru_cache
def connect(cloud: str, patience: float | None = None) -> Connection:
    """Return a connection that has been let in.

    `cloud` is an entry of clouds.yaml (found through OS_CLIENT_CONFIG_FILE or openstacksdk's usual places), `patience`
    the seconds that an answer may take; none: what clouds.yaml says, or for ever.
    Raises `InvalidInputError` when there is no such entry or its credential is refused, `CloudUnavailableError` when
    nobody answers.
    """
    try:
        connection = openstack.connect(cloud=cloud, app_name="cecf", api_timeout=patience)
        connection.session.get_token()
    except ConfigException as error:
        raise _refused(
            f"clouds.yaml has no usable entry '{cloud}' ({error})",
            "the credential is taken from there",
            f"export OS_CLIENT_CONFIG_FILE=<your clouds.yaml>, or {config_set('cloud', '<entry>')}",
        ) from None
    except (keystone.Unauthorized, keystone.MissingRequiredOptions) as error:
        raise _refused(
            f"the credential of '{cloud}' is refused",
            str(error).splitlines()[0],
            "renew the credential in clouds.yaml",
        ) from None
    except keystone.ClientException as error:
        raise CloudUnavailableError(cloud, error) from None
    return connection


def _refused(what: str, why: str, mend: str) -> InvalidInputError:
    return InvalidInputError([Problem(path="cloud", what=what, why=why, mend=mend)])
