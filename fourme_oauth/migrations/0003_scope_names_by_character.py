from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# RFC 6749 section 3.3: scope-tokens are case-sensitive. MariaDB and MySQL compare text without case unless the column
# says otherwise, and then "request:read" and "Request:Read" could not both be in the catalogue. A later AlterField of
# Scope.name has to say this again: Django writes the column's definition anew, without it.
BY_CHARACTER = 'ALTER TABLE fourme_oauth_scope MODIFY name varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL'
AS_CREATED = 'ALTER TABLE fourme_oauth_scope MODIFY name varchar(100) NOT NULL'


def compare_by_character(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == 'mysql':
        schema_editor.execute(BY_CHARACTER)


def compare_as_created(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == 'mysql':
        schema_editor.execute(AS_CREATED)


class Migration(migrations.Migration):

    dependencies = [
        ('fourme_oauth', '0002_scopes_secrets_authorizations'),
    ]

    operations = [
        # Not atomic: MariaDB can't take a change of a table back.
        migrations.RunPython(compare_by_character, compare_as_created, atomic=False),
    ]
