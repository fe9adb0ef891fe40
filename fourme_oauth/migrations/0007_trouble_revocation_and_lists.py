import django.db.models.deletion
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):

    dependencies = [
        ('fourme_oauth', '0006_sent_twice_registered_once'),
    ]

    operations = [
        migrations.CreateModel(
            name='Trouble',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='troubles', to=oauth2_settings.APPLICATION_MODEL, verbose_name='application')),
                ('kind', models.CharField(choices=[('disabled', 'disabled application'), ('throttled', 'too many failures'), ('secret_missing', 'no client secret'), ('secret_wrong', 'wrong client secret'), ('secret_retired', 'retired client secret'), ('secret_expired', 'expired client secret'), ('secret_needless', 'client secret of a public application'), ('redirect_uri_missing', 'no redirect URI'), ('redirect_uri_differs', 'wrong redirect URI'), ('code_redirect_uri', 'another redirect URI than in the authorization request'), ('code_unknown', 'unknown code'), ('code_used', 'code used before'), ('code_expired', 'expired code'), ('code_burnt', 'code that failed too often'), ('challenge_missing', 'no code challenge'), ('challenge_method', 'code challenge other than S256'), ('verifier_missing', 'no code verifier'), ('verifier_wrong', 'wrong code verifier'), ('verifier_needless', 'code verifier without a challenge'), ('refresh_token_unknown', 'unknown refresh token'), ('refresh_token_rotated', 'refresh token used before'), ('refresh_token_expired', 'expired refresh token'), ('revoked', 'access that was revoked'), ('user_inactive', 'inactive user'), ('grant_not_offered', 'grant that is not offered'), ('linked_user', 'no linked user'), ('nothing_allowed', 'no scope allowed'), ('scope_not_allowed', 'scope that is not allowed'), ('not_permitted', "nothing that the user's role permits"), ('other', 'another error')], max_length=40, verbose_name='kind')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('first_at', models.DateTimeField(verbose_name='first')),
                ('last_at', models.DateTimeField(verbose_name='last')),
                ('times', models.PositiveIntegerField(default=1, help_text='Counted at most once a minute.', verbose_name='times')),
            ],
            options={
                'verbose_name': 'failed attempt',
                'verbose_name_plural': 'recent trouble',
                'ordering': ('-last_at', '-pk'),
            },
        ),
        migrations.AlterModelOptions(
            name='authorization',
            options={'permissions': [('revoke_authorization', 'Can revoke authorizations')], 'verbose_name': 'authorization', 'verbose_name_plural': 'authorizations'},
        ),
        migrations.AddField(
            model_name='clientsecret',
            name='expiry_noted_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('application_registered', 'application registered'), ('application_changed', 'application changed'), ('application_ended', 'all access of the application ended'), ('application_disabled', 'application disabled'), ('application_enabled', 'application enabled'), ('scope_changed', 'scope changed'), ('user_linked', 'linked to a user, as whom it acts'), ('secret_issued', 'secret issued'), ('secret_retired', 'secret retired'), ('secret_expired', 'secret expired'), ('authorized', 'authorized'), ('renewed', 'renewed'), ('used', 'used'), ('reduced', 'reduced'), ('revoked', 'revoked'), ('code_reused', 'code reused'), ('refresh_token_reused', 'refresh token reused'), ('events_deleted', 'old audit events deleted')], max_length=40, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['-at', '-id'], name='fourme_oauth_audit_at'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['kind', '-at'], name='fourme_oauth_audit_kind'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['client_id', '-at'], name='fourme_oauth_audit_client'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['username', '-at'], name='fourme_oauth_audit_name'),
        ),
        migrations.AddIndex(
            model_name='authorization',
            index=models.Index(fields=['-granted_at', '-id'], name='fourme_oauth_auth_granted'),
        ),
        migrations.AddIndex(
            model_name='authorization',
            index=models.Index(fields=['client_id'], name='fourme_oauth_auth_client'),
        ),
        migrations.AddIndex(
            model_name='trouble',
            index=models.Index(fields=['-last_at', '-id'], name='fourme_oauth_trouble_last'),
        ),
        migrations.AddIndex(
            model_name='trouble',
            index=models.Index(fields=['application', '-last_at'], name='fourme_oauth_trouble_app'),
        ),
        migrations.AddIndex(
            model_name='trouble',
            index=models.Index(fields=['kind', '-last_at'], name='fourme_oauth_trouble_kind'),
        ),
        migrations.AddConstraint(
            model_name='trouble',
            constraint=models.UniqueConstraint(fields=('application', 'fingerprint'), name='fourme_oauth_one_trouble'),
        ),
    ]
