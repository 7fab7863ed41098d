from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="ProviderSession",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("grant_id", models.CharField(max_length=256)),
                ("subject", models.CharField(db_index=True, max_length=255)),
                ("provider_session", models.CharField(db_index=True, max_length=255, null=True)),
            ],
        ),
    ]
