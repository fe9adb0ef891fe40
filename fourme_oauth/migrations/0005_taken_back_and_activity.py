from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fourme_oauth', '0004_lifetimes_resource_servers_linked_users'),
    ]

    operations = [
        migrations.AddField(
            model_name='authorization',
            name='renewed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='authorization',
            name='taken_back',
            field=models.TextField(blank=True, default='', verbose_name='taken back'),
        ),
        migrations.AlterField(
            model_name='auditevent',
            name='kind',
            field=models.CharField(choices=[('application_registered', 'application registered'), ('application_changed', 'application changed'), ('application_ended', 'all access of the application ended'), ('application_disabled', 'application disabled'), ('user_linked', 'linked to a user, as whom it acts'), ('secret_issued', 'secret issued'), ('secret_retired', 'secret retired'), ('authorized', 'authorized'), ('renewed', 'renewed'), ('used', 'used'), ('reduced', 'reduced'), ('revoked', 'revoked'), ('code_reused', 'code reused'), ('refresh_token_reused', 'refresh token reused')], max_length=40, verbose_name='kind'),
        ),
    ]
