import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from oauth2_provider.settings import oauth2_settings

# RFC 6749 section 3.3: scope-tokens are case-sensitive. MariaDB and MySQL compare text case-insensitively unless the
# column has another collation: "request:read" and "Request:Read" could not both be in the catalogue. A later AlterField
# of Scope.name must repeat this: Django rewrites the column's definition without it.
BY_CHARACTER = 'ALTER TABLE fourme_oauth_scope MODIFY name varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL'


def compare_names_by_character(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == 'mysql':
        schema_editor.execute(BY_CHARACTER)


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('fourme_oauth', '0001_initial'),
        # After the toolkit's own migrations: Django re-renders every model related to the one that a migration changes,
        # and theirs would take twice as long with ours in place.
        ('oauth2_provider', '0022_refreshtoken_token_family_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='application',
            options={'permissions': [('issue_client_secret', 'Can issue and retire client secrets'), ('link_user', 'Can choose the user whom an application acts as')], 'verbose_name': 'application', 'verbose_name_plural': 'applications'},
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='application_generation',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='authorization_generation',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='by_client_credentials',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='token_family',
            field=models.UUIDField(db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='application',
            name='access_token_seconds',
            field=models.PositiveIntegerField(blank=True, help_text="In seconds, shorter than the site's. Empty: the site's.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='lifetime of access tokens'),
        ),
        migrations.AddField(
            model_name='application',
            name='client_credentials',
            field=models.BooleanField(db_default=False, default=False, help_text='Besides acting for users who authorize it, it may act as its linked user by its own credentials.', verbose_name='also allow client credentials'),
        ),
        migrations.AddField(
            model_name='application',
            name='description',
            field=models.TextField(blank=True, db_default='', default='', help_text='Why it needs access. Shown to users when it asks for access.', verbose_name='description'),
        ),
        migrations.AddField(
            model_name='application',
            name='disabled',
            field=models.BooleanField(db_default=False, default=False, help_text='All requests of a disabled application are refused; its tokens are revoked for good.', verbose_name='disabled'),
        ),
        migrations.AddField(
            model_name='application',
            name='generation',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='application',
            name='homepage',
            field=models.URLField(blank=True, db_default='', default='', help_text='Shown to users when it asks for access.', verbose_name='homepage'),
        ),
        migrations.AddField(
            model_name='application',
            name='linked_user',
            field=models.ForeignKey(blank=True, help_text='The user whom it acts as with its own credentials (client credentials).', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='linked_applications', to=settings.AUTH_USER_MODEL, verbose_name='linked user'),
        ),
        migrations.AddField(
            model_name='application',
            name='logo',
            field=models.FileField(blank=True, db_default='', default='', upload_to='fourme_oauth/logos/', validators=[django.core.validators.FileExtensionValidator(['png', 'jpg', 'jpeg', 'webp'])], verbose_name='logo'),
        ),
        migrations.AddField(
            model_name='application',
            name='publisher',
            field=models.CharField(blank=True, db_default='', default='', help_text='Who offers it. Shown to users when it asks for access.', max_length=200, verbose_name='publisher'),
        ),
        migrations.AddField(
            model_name='application',
            name='refresh_token_seconds',
            field=models.PositiveIntegerField(blank=True, help_text="In seconds, shorter than the site's. Empty: the site's.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='lifetime of refresh tokens'),
        ),
        migrations.AddField(
            model_name='application',
            name='registration_key',
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='application',
            name='require_pkce',
            field=models.BooleanField(db_default=False, default=False, help_text='Refuse authorization requests without a code challenge. Always on for public applications.', verbose_name='require PKCE'),
        ),
        migrations.AddField(
            model_name='application',
            name='resource_server',
            field=models.BooleanField(db_default=False, default=False, help_text='May introspect the tokens of every application, not just its own (RFC 7662).', verbose_name='resource server'),
        ),
        migrations.AddField(
            model_name='grant',
            name='application_generation',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='grant',
            name='authorization_generation',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='replayed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='failed_attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='grant',
            name='redirect_uri_given',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='token_family',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='used_at',
            field=models.DateTimeField(null=True, verbose_name='used'),
        ),
        migrations.AddField(
            model_name='refreshtoken',
            name='application_generation',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='refreshtoken',
            name='authorization_generation',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='refreshtoken',
            name='expires',
            field=models.DateTimeField(null=True, verbose_name='expires'),
        ),
        migrations.AddField(
            model_name='refreshtoken',
            name='scope',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='scope'),
        ),
        migrations.AlterField(
            model_name='application',
            name='client_secret',
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=255, verbose_name='client secret'),
        ),
        migrations.AlterField(
            model_name='application',
            name='user',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='registered by'),
        ),
        migrations.CreateModel(
            name='Scope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The name that applications and the API use, for example request:read.', max_length=100, unique=True, validators=[django.core.validators.RegexValidator('\\A[\\x21\\x23-\\x5B\\x5D-\\x7E]+\\Z', "A scope's name has no spaces, quotation marks, backslashes or characters outside ASCII (RFC 6749 section 3.3).")], verbose_name='name')),
                ('wording', models.CharField(help_text='What users read when an application asks for it, for example "Read requests".', max_length=200, verbose_name='wording')),
                ('retired', models.BooleanField(default=False, help_text='A retired scope is effective for nobody and can no longer be requested.', verbose_name='retired')),
                ('for_everyone', models.BooleanField(default=False, help_text='Permitted to every active user, whatever their roles.', verbose_name='for everyone')),
                ('roles', models.ManyToManyField(blank=True, help_text='The roles that permit it. Without any, and not for everyone, it is permitted to nobody.', related_name='permitted_scopes', to='auth.group', verbose_name='roles')),
            ],
            options={
                'verbose_name': 'scope',
                'verbose_name_plural': 'scopes',
                'ordering': ('name',),
            },
        ),
        # Not atomic: MariaDB can't roll back schema changes.
        migrations.RunPython(compare_names_by_character, migrations.RunPython.noop, atomic=False),
        migrations.AddField(
            model_name='application',
            name='scopes',
            field=models.ManyToManyField(blank=True, help_text='The most that users can grant it.', related_name='applications', to='fourme_oauth.scope', verbose_name='scopes'),
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('application_registered', 'application registered'), ('application_changed', 'application changed'), ('application_ended', 'all access of the application ended'), ('application_disabled', 'application disabled'), ('application_enabled', 'application enabled'), ('scope_changed', 'scope changed'), ('user_linked', 'linked user chosen'), ('secret_issued', 'secret issued'), ('secret_retired', 'secret retired'), ('secret_expired', 'secret expired'), ('authorized', 'authorized'), ('renewed', 'renewed'), ('used', 'used'), ('reduced', 'reduced'), ('revoked', 'revoked'), ('code_reused', 'code reused'), ('refresh_token_reused', 'refresh token reused'), ('events_deleted', 'old audit events deleted')], max_length=40, verbose_name='kind')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='time')),
                ('client_id', models.CharField(blank=True, max_length=255, verbose_name='client ID')),
                ('username', models.CharField(blank=True, max_length=255, verbose_name='user name')),
                ('by_username', models.CharField(blank=True, max_length=255, verbose_name='by (user name)')),
                ('ip_address', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('application', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='audit_events', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'audit event',
                'verbose_name_plural': 'audit events',
                'ordering': ('-at', '-pk'),
                'indexes': [models.Index(fields=['application', '-at'], name='fourme_oauth_audit_app'), models.Index(fields=['user', '-at'], name='fourme_oauth_audit_user'), models.Index(fields=['-at', '-id'], name='fourme_oauth_audit_at'), models.Index(fields=['kind', '-at'], name='fourme_oauth_audit_kind'), models.Index(fields=['client_id', '-at'], name='fourme_oauth_audit_client'), models.Index(fields=['username', '-at'], name='fourme_oauth_audit_name')],
            },
        ),
        migrations.CreateModel(
            name='Authorization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_id', models.CharField(max_length=255, verbose_name='client ID')),
                ('application_name', models.CharField(max_length=255, verbose_name="application's name")),
                ('scopes', models.TextField(blank=True, verbose_name='scopes')),
                ('wording', models.JSONField(default=dict, verbose_name='wording')),
                ('granted_at', models.DateTimeField(verbose_name='granted')),
                ('confirmed_at', models.DateTimeField(verbose_name='last confirmed')),
                ('last_used_at', models.DateTimeField(null=True, verbose_name='last used')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked')),
                ('withdrawn_scopes', models.TextField(blank=True, default='', verbose_name='withdrawn scopes')),
                ('renewed_at', models.DateTimeField(null=True)),
                ('generation', models.PositiveIntegerField(default=0)),
                ('application', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='authorizations', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='authorizations', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'authorization',
                'verbose_name_plural': 'authorizations',
                'permissions': [('revoke_authorization', 'Can revoke authorizations')],
                'indexes': [models.Index(fields=['-granted_at', '-id'], name='fourme_oauth_auth_granted'), models.Index(fields=['application', '-granted_at'], name='fourme_oauth_auth_app'), models.Index(fields=['client_id'], name='fourme_oauth_auth_client')],
                'constraints': [models.UniqueConstraint(fields=('user', 'application'), name='fourme_oauth_one_authorization')],
            },
        ),
        migrations.CreateModel(
            name='ClientSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=100)),
                ('hint', models.CharField(editable=False, max_length=4, verbose_name='last 4 characters')),
                ('issued_at', models.DateTimeField(editable=False, verbose_name='issued')),
                ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='retired')),
                ('expiry_noted_at', models.DateTimeField(editable=False, null=True)),
                ('request_key', models.UUIDField(editable=False, null=True)),
                ('warned_at', models.DateTimeField(editable=False, null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='client_secrets', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('issued_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
            ],
            options={
                'verbose_name': 'client secret',
                'verbose_name_plural': 'client secrets',
                'ordering': ('-issued_at', '-pk'),
                'constraints': [models.UniqueConstraint(fields=('application', 'request_key'), name='fourme_oauth_one_secret_per_request')],
            },
        ),
        migrations.CreateModel(
            name='FailedRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('disabled', 'disabled application'), ('throttled', 'too many failures'), ('secret_missing', 'no client secret'), ('secret_wrong', 'wrong client secret'), ('secret_retired', 'retired client secret'), ('secret_expired', 'expired client secret'), ('secret_needless', 'client secret of a public application'), ('redirect_uri_missing', 'no redirect URI'), ('redirect_uri_differs', 'wrong redirect URI'), ('code_redirect_uri', 'another redirect URI than in the authorization request'), ('code_unknown', 'unknown code'), ('code_used', 'code used before'), ('code_expired', 'expired code'), ('code_burnt', 'code that failed too often'), ('challenge_missing', 'no code challenge'), ('challenge_method', 'code challenge other than S256'), ('verifier_missing', 'no code verifier'), ('verifier_wrong', 'wrong code verifier'), ('verifier_needless', 'code verifier without a challenge'), ('refresh_token_unknown', 'unknown refresh token'), ('refresh_token_rotated', 'refresh token used before'), ('refresh_token_expired', 'expired refresh token'), ('revoked', 'revoked access'), ('user_inactive', 'inactive user'), ('grant_not_offered', 'grant type that is not registered'), ('linked_user', 'no linked user'), ('nothing_allowed', 'no scope allowed'), ('scope_not_allowed', 'scope that is not allowed'), ('not_permitted', 'no scope that the user is permitted'), ('other', 'another error')], max_length=40, verbose_name='kind')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('first_at', models.DateTimeField(verbose_name='first')),
                ('last_at', models.DateTimeField(verbose_name='last')),
                ('times', models.PositiveIntegerField(default=1, help_text='Counted at most once a minute.', verbose_name='times')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='failed_requests', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
            ],
            options={
                'verbose_name': 'failed request',
                'verbose_name_plural': 'failed requests',
                'ordering': ('-last_at', '-pk'),
                'indexes': [models.Index(fields=['-last_at', '-id'], name='fourme_oauth_failed_last'), models.Index(fields=['application', '-last_at'], name='fourme_oauth_failed_app'), models.Index(fields=['kind', '-last_at'], name='fourme_oauth_failed_kind')],
                'constraints': [models.UniqueConstraint(fields=('application', 'fingerprint'), name='fourme_oauth_one_failed_request')],
            },
        ),
    ]
