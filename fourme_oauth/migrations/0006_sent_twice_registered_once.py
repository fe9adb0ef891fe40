from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fourme_oauth', '0005_taken_back_and_activity'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='application',
            options={'permissions': [('issue_client_secret', 'Can issue and retire client secrets'), ('link_user', 'Can choose the user whom an application acts as')], 'verbose_name': 'application', 'verbose_name_plural': 'applications'},
        ),
        migrations.AddField(
            model_name='application',
            name='registration_key',
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='clientsecret',
            name='request_key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='clientsecret',
            name='warned_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name='clientsecret',
            constraint=models.UniqueConstraint(fields=('application', 'request_key'), name='fourme_oauth_one_secret_per_request'),
        ),
    ]
