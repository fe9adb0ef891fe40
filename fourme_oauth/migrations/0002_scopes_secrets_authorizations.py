import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('fourme_oauth', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='application',
            options={'permissions': [('issue_client_secret', 'Can issue and retire client secrets')], 'verbose_name': 'application', 'verbose_name_plural': 'applications'},
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='application_generation',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='authorization_generation',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='accesstoken',
            name='token_family',
            field=models.UUIDField(db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='application',
            name='description',
            field=models.TextField(blank=True, help_text='Why it asks. Shown to users when it asks for access.', verbose_name='description'),
        ),
        migrations.AddField(
            model_name='application',
            name='disabled',
            field=models.BooleanField(default=False, help_text='A disabled application is refused everywhere; its tokens end for good.', verbose_name='disabled'),
        ),
        migrations.AddField(
            model_name='application',
            name='generation',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='application',
            name='homepage',
            field=models.URLField(blank=True, help_text='Shown to users when it asks for access.', verbose_name='homepage'),
        ),
        migrations.AddField(
            model_name='application',
            name='linked_user',
            field=models.ForeignKey(blank=True, help_text='Whom it acts as when it uses its own credentials (client credentials).', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='linked_applications', to=settings.AUTH_USER_MODEL, verbose_name='linked user'),
        ),
        migrations.AddField(
            model_name='application',
            name='logo',
            field=models.FileField(blank=True, upload_to='fourme_oauth/logos/', validators=[django.core.validators.FileExtensionValidator(['png', 'jpg', 'jpeg', 'webp'])], verbose_name='logo'),
        ),
        migrations.AddField(
            model_name='application',
            name='publisher',
            field=models.CharField(blank=True, help_text='Who offers it. Shown to users when it asks for access.', max_length=200, verbose_name='publisher'),
        ),
        migrations.AddField(
            model_name='application',
            name='require_pkce',
            field=models.BooleanField(default=False, help_text='Refuse authorization requests without a code challenge. Always on for public applications.', verbose_name='require PKCE'),
        ),
        migrations.AddField(
            model_name='grant',
            name='application_generation',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='grant',
            name='authorization_generation',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='failed_attempts',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='grant',
            name='redirect_uri_given',
            field=models.BooleanField(default=True),
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
            field=models.PositiveIntegerField(default=0),
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
            field=models.TextField(blank=True, default='', verbose_name='scope'),
        ),
        migrations.AlterField(
            model_name='application',
            name='client_secret',
            field=models.CharField(blank=True, db_index=True, default='', editable=False, max_length=255, verbose_name='client secret'),
        ),
        migrations.AlterField(
            model_name='application',
            name='user',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='registered by'),
        ),
        migrations.CreateModel(
            name='ClientSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=100)),
                ('hint', models.CharField(editable=False, max_length=4, verbose_name='last four characters')),
                ('issued_at', models.DateTimeField(editable=False, verbose_name='issued')),
                ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='retired')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='client_secrets', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('issued_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
            ],
            options={
                'verbose_name': 'client secret',
                'verbose_name_plural': 'client secrets',
                'ordering': ('-issued_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Scope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What applications and the API call it, for example request:read.', max_length=100, unique=True, validators=[django.core.validators.RegexValidator('\\A[\\x21\\x23-\\x5B\\x5D-\\x7E]+\\Z', "A scope's name has no spaces, quotation marks, backslashes or characters outside ASCII (RFC 6749 section 3.3).")], verbose_name='name')),
                ('wording', models.CharField(help_text='What users read when an application asks for it, for example "Read requests".', max_length=200, verbose_name='wording')),
                ('retired', models.BooleanField(default=False, help_text='A retired scope is no longer in effect for anybody and can no longer be asked for.', verbose_name='retired')),
                ('roles', models.ManyToManyField(blank=True, help_text='Who has it through their role. Without a role it is permitted to every active user.', related_name='permitted_scopes', to='auth.group', verbose_name='roles')),
            ],
            options={
                'verbose_name': 'scope',
                'verbose_name_plural': 'scopes',
                'ordering': ('name',),
            },
        ),
        migrations.AddField(
            model_name='application',
            name='scopes',
            field=models.ManyToManyField(blank=True, help_text='The most that it can be granted.', related_name='applications', to='fourme_oauth.scope', verbose_name='scopes'),
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('application_registered', 'application registered'), ('application_changed', 'application changed'), ('application_disabled', 'application disabled'), ('secret_issued', 'secret issued'), ('secret_retired', 'secret retired'), ('authorized', 'authorized'), ('revoked', 'revoked'), ('code_reused', 'code reused'), ('refresh_token_reused', 'refresh token reused')], max_length=40, verbose_name='kind')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('client_id', models.CharField(blank=True, max_length=255, verbose_name='client ID')),
                ('username', models.CharField(blank=True, max_length=255, verbose_name='user name')),
                ('by_username', models.CharField(blank=True, max_length=255, verbose_name='by (user name)')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('application', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='audit_events', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'audit event',
                'verbose_name_plural': 'audit events',
                'ordering': ('-at', '-pk'),
                'indexes': [models.Index(fields=['application', '-at'], name='fourme_oauth_audit_app'), models.Index(fields=['user', '-at'], name='fourme_oauth_audit_user')],
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
                ('granted_at', models.DateTimeField(verbose_name='allowed since')),
                ('confirmed_at', models.DateTimeField(verbose_name='last confirmed')),
                ('last_used_at', models.DateTimeField(null=True, verbose_name='last used')),
                ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked')),
                ('generation', models.PositiveIntegerField(default=0)),
                ('application', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='authorizations', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='authorizations', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'authorization',
                'verbose_name_plural': 'authorizations',
                'indexes': [models.Index(fields=['application', '-granted_at'], name='fourme_oauth_auth_app')],
                'constraints': [models.UniqueConstraint(fields=('user', 'application'), name='fourme_oauth_one_authorization')],
            },
        ),
    ]
