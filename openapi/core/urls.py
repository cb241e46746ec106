"""The addresses of the contract, of its docs and of the pages behind problems, below the root of the server."""

from django.urls import path

from openapi.core import assets, contract, docs, problems

urlpatterns = [
    path("openapi.json", contract.ContractView.as_view(), name="openapi"),
    path("openapi.yaml", contract.ContractView.as_view(media_type="application/yaml"), name="openapi-yaml"),
    path("docs", docs.HomeView.as_view(), name="docs"),
    path("docs/reference", docs.ReferenceView.as_view(), name="docs-reference"),
    path("docs/guides/<slug:slug>", docs.GuideView.as_view(), name="docs-guide"),
    path("docs/static/<str:digest>/<path:name>", assets.AssetView.as_view(), name="docs-asset"),
    path("problems", problems.IndexView.as_view(), name="problems"),
    path("problems/<slug:slug>", problems.ProblemView.as_view(), name="problem"),
]
