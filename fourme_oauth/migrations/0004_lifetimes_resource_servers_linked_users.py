import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fourme_oauth', '0003_scope_names_by_character'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='access_token_seconds',
            field=models.PositiveIntegerField(blank=True, help_text="In seconds, to make it shorter than the site's.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='lifetime of access tokens'),
        ),
        migrations.AddField(
            model_name='application',
            name='client_credentials',
            field=models.BooleanField(default=False, help_text='Besides acting for users who allow it, it may act as its linked user by its own credentials.', verbose_name='client credentials too'),
        ),
        migrations.AddField(
            model_name='application',
            name='refresh_token_seconds',
            field=models.PositiveIntegerField(blank=True, help_text="In seconds, to make it shorter than the site's.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='lifetime of refresh tokens'),
        ),
        migrations.AddField(
            model_name='application',
            name='resource_server',
            field=models.BooleanField(default=False, help_text='May introspect the tokens of every application, not just its own (RFC 7662).', verbose_name='resource server'),
        ),
        migrations.AddField(
            model_name='grant',
            name='came_again_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('application_registered', 'application registered'), ('application_changed', 'application changed'), ('application_disabled', 'application disabled'), ('user_linked', 'linked to a user, as whom it acts'), ('secret_issued', 'secret issued'), ('secret_retired', 'secret retired'), ('authorized', 'authorized'), ('reduced', 'reduced'), ('revoked', 'revoked'), ('code_reused', 'code reused'), ('refresh_token_reused', 'refresh token reused')], max_length=40, verbose_name='kind'),
        ),
    ]
