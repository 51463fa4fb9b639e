"""Long work of a job, laid out for workers that help."""
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0009_coverage_from_an_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='DividedWork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=40)),
                ('packed', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
                ('code_version', models.CharField(max_length=60)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='divided_work', to='annotations.job')),
            ],
        ),
        migrations.CreateModel(
            name='WorkPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.PositiveIntegerField()),
                ('stop', models.PositiveIntegerField()),
                ('token', models.UUIDField(blank=True, null=True)),
                ('result', models.BinaryField(null=True)),
                ('brought_by', models.CharField(blank=True, max_length=200)),
                ('work', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='annotations.dividedwork')),
            ],
            options={
                'ordering': ['first'],
            },
        ),
        migrations.AddConstraint(
            model_name='dividedwork',
            constraint=models.UniqueConstraint(fields=('job', 'name'), name='work_of_a_job_is_divided_once'),
        ),
        migrations.AddConstraint(
            model_name='workpart',
            constraint=models.UniqueConstraint(fields=('work', 'first'), name='part_of_a_work_is_laid_out_once'),
        ),
        migrations.AddConstraint(
            model_name='workpart',
            constraint=models.CheckConstraint(condition=models.Q(('stop__gt', models.F('first'))), name='part_has_a_chunk'),
        ),
        migrations.AddConstraint(
            model_name='workpart',
            constraint=models.CheckConstraint(condition=models.Q(('result__isnull', True), ('token__isnull', False), _connector='OR'), name='part_is_done_by_whoever_took_it'),
        ),
    ]
