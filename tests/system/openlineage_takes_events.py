# SPDX-License-Identifier: Apache-2.0
"""The events of a whole pipeline, held against OpenLineage's own Python client: its classes know every field and facet of the spec."""
import importlib
import json
import unittest

from openlineage.client.generated import base

from program import FolderTest, canopy, configure, load, orchard, workspace

FACETS = {
    "dataSource": ("datasource_dataset", "DatasourceDatasetFacet"),
    "version": ("dataset_version_dataset", "DatasetVersionDatasetFacet"),
    "outputStatistics": ("output_statistics_output_dataset", "OutputStatisticsOutputDatasetFacet"),
    "jobType": ("job_type_job", "JobTypeJobFacet"),
    "sql": ("sql_job", "SQLJobFacet"),
    "errorMessage": ("error_message_run", "ErrorMessageRunFacet"),
}
SMALL = ("batch=1", "crop-px=128", "threads=1", "--progress", "none")


def facets(found):
    """As objects of the client, which refuse what is missing and what they do not know."""
    made = {}
    for name, content in found.items():
        module, kind = FACETS[name]
        plain = {key: value for key, value in content.items() if not key.startswith("_")}
        made[name] = getattr(importlib.import_module(f"openlineage.client.generated.{module}"), kind)(**plain, producer=content["_producer"])
        assert made[name]._get_schema() == content["_schemaURL"], (name, content["_schemaURL"])
    return made


def as_client_event(event):
    given = dict(event)
    assert given.pop("schemaURL") == base.RunEvent._get_schema()
    given["eventType"] = base.EventType(given["eventType"])
    given["run"] = base.Run(runId=event["run"]["runId"], facets=facets(event["run"]["facets"]))
    given["job"] = base.Job(namespace=event["job"]["namespace"], name=event["job"]["name"], facets=facets(event["job"]["facets"]))
    for side, kind, own in (("inputs", base.InputDataset, "inputFacets"), ("outputs", base.OutputDataset, "outputFacets")):
        given[side] = [kind(**(dataset | {"facets": facets(dataset["facets"]), own: facets(dataset.get(own, {}))})) for dataset in event[side]]
    return base.RunEvent(**given)


class OpenLineage(FolderTest):
    def test_every_event_of_a_pipeline_is_one_of_the_spec_and_datasets_link_its_steps(self):
        made = orchard(self.folder / "orchard", size_m=60)
        space = workspace(self.folder / "w")
        configure(space, "openlineage", url="file:lineage.jsonl")
        canopy("ingest", made / "ortho.tif", made / "crowns.gpkg", "tile-size=256", "overlap=32", "--workspace", space)
        canopy("dataset", "create", "oaks", "split-by=tile_key", "--workspace", space)
        canopy("dataset", "create", "oaks", "--where", "no_such_column", "--workspace", space, expect=4)
        canopy("train", "oaks", "steps=2", *SMALL, "--workspace", space)
        model = load(canopy("model", "show", "oaks", "--workspace", space)[0])
        canopy("eval", "oaks", "model=oaks", "split=train", "--progress", "none", "--workspace", space)

        lines = [json.loads(line) for line in (space / "lineage.jsonl").read_text().splitlines()]
        events = [as_client_event(line) for line in lines]
        self.assertEqual([(e.job.name, e.eventType.name) for e in events], [
            ("ingest", "START"), ("ingest", "COMPLETE"),
            ("dataset create oaks", "START"), ("dataset create oaks", "COMPLETE"),
            ("dataset create oaks", "START"), ("dataset create oaks", "FAIL"),
            ("train oaks", "START"), ("train oaks", "COMPLETE"),
            ("eval oaks", "START"), ("eval oaks", "COMPLETE")])
        for begin, end in zip(events[::2], events[1::2]):
            self.assertEqual(begin.run.runId, end.run.runId)
        self.assertEqual(len({e.run.runId for e in events}), 5)
        ingest, create, failed, train, evaluation = events[1::2]
        self.assertIn("no_such_column", failed.run.facets["errorMessage"].message)
        self.assertIn("SELECT", create.job.facets["sql"].query)

        def names(datasets):
            return [(d.namespace, d.name) for d in datasets]

        self.assertIn(("file", str(made / "ortho.tif")), names(ingest.inputs))
        self.assertIn(names(create.inputs)[0], names(ingest.outputs))
        self.assertEqual(names(create.outputs), names(train.inputs))
        self.assertEqual(train.outputs[0].facets["version"].datasetVersion, model["model_id"])
        self.assertEqual(set(names(evaluation.inputs)), set(names(create.outputs) + names(train.outputs)))
        self.assertGreater(ingest.outputs[0].outputFacets["outputStatistics"].rowCount, 0)
        self.assertEqual([p for p in self.files("w/outbox") if p.endswith(".json")], [], "all was delivered")


if __name__ == "__main__":
    unittest.main()
