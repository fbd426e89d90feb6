// Heliograph on Azure Functions: the topic that the exporter publishes to, the queue behind it, and the function app that takes events from there.
//
//   az deployment group create -g GROUP -f infra/azure/main.bicep -p functionsKey=… exporterPrincipalId=…
//
// Events go: exporter -> topic -> (managed identity of the topic) -> storage queue -> OnQueue. No key of the topic or of the storage account is used by
// anybody: where the platform allows it, keys are switched off.

@description('Where everything is.')
param location string = resourceGroup().location

@description('What names begin with: lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param prefix string = 'heliograph'

@description('The key that callers of resync, explain and the events webhook present.')
@secure()
param functionsKey string

@description('The object id of the identity that the exporter publishes with; empty if it uses an access key of the topic.')
param exporterPrincipalId string = ''

@description('Where the kubeconfig lies in the published app, or another path that the function app can read.')
param kubeconfigPath string = '/home/site/wwwroot/kubeconfig'

@description('The kinds to serve, the same as the exporter\'s.')
param kinds string = 'Secret,ConfigMap'

var suffix = uniqueString(resourceGroup().id, prefix)
var queueName = 'heliograph-events'
var deadLetters = 'dead-letters'
var deployments = 'deployments'

// The types of the CloudEvents; everything else that somebody might publish stays outside.
var eventTypes = [
  'dev.heliograph.object.changed'
  'dev.heliograph.object.deleted'
  'dev.heliograph.namespace.changed'
  'dev.heliograph.sync.completed'
]

// Azure's own roles.
var roles = {
  eventGridDataSender: 'd5a91429-5739-47e2-a06b-3470a27159e7'
  queueMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: take('${prefix}${suffix}', 24)
  location: location
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource deadLetterContainer 'containers' = {
      name: deadLetters
    }

    resource deploymentContainer 'containers' = {
      name: deployments
    }
  }

  resource queues 'queueServices' = {
    name: 'default'

    resource events 'queues' = {
      name: queueName
    }

    // Made here, so that an alert can be set on it before anything is in it.
    resource poison 'queues' = {
      name: '${queueName}-poison'
    }
  }
}

resource topic 'Microsoft.EventGrid/topics@2022-06-15' = {
  name: '${prefix}-${suffix}'
  location: location
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: !empty(exporterPrincipalId)
    publicNetworkAccess: 'Enabled'
  }
}

resource topicToQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid(storage.id, topic.id, roles.queueMessageSender)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.queueMessageSender)
  }
}

resource topicToDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid(storage.id, topic.id, roles.blobContributor)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobContributor)
  }
}

resource exporterToTopic 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(exporterPrincipalId)) {
  scope: topic
  name: guid(topic.id, exporterPrincipalId, roles.eventGridDataSender)
  properties: {
    principalId: exporterPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventGridDataSender)
  }
}

resource subscription 'Microsoft.EventGrid/topics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: 'functions'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    deliveryWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: storage.id
          queueName: queueName
          // A hint older than that is worth nothing: the sweep has looked since.
          queueMessageTimeToLiveInSeconds: 86400
        }
      }
    }
    filter: {
      includedEventTypes: eventTypes
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    // Without this, what cannot be delivered is dropped without a word.
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storage.id
          blobContainerName: deadLetters
        }
      }
    }
  }
  dependsOn: [
    storage::blobs::deadLetterContainer
    storage::queues::events
    topicToQueue
    topicToDeadLetters
  ]
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${prefix}-${suffix}'
  location: location
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${prefix}-${suffix}'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${prefix}-${suffix}'
  location: location
  properties: {
    retentionInDays: 30
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: '${prefix}-${suffix}'
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deployments}'
          authentication: {
            type: 'SystemAssignedIdentity'
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 512
        maximumInstanceCount: 40
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: [
        {
          name: 'AzureWebJobsStorage__accountName'
          value: storage.name
        }
        {
          name: 'APPLICATIONINSIGHTS_CONNECTION_STRING'
          value: insights.properties.ConnectionString
        }
        {
          name: 'Functions__Key'
          value: functionsKey
        }
        {
          name: 'Kubernetes__Kubeconfig'
          value: kubeconfigPath
        }
        {
          name: 'Replication__Kinds'
          value: kinds
        }
        // This deployment delivers by queue, and nobody needs the other door.
        {
          name: 'AzureWebJobs.OnEvent.Disabled'
          value: 'true'
        }
      ]
    }
  }
  dependsOn: [
    storage::blobs::deploymentContainer
  ]
}

// The host keeps its locks and the timer's state in blobs, and works on the queue; poison messages go to a queue that it may have to make.
resource appToBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid(storage.id, app.id, roles.blobOwner)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobOwner)
  }
}

resource appToQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: storage
  name: guid(storage.id, app.id, roles.queueContributor)
  properties: {
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.queueContributor)
  }
}

@description('Exporter: EventGrid__Endpoint.')
output topicEndpoint string = topic.properties.endpoint

@description('What "func azure functionapp publish" takes.')
output functionApp string = app.name
