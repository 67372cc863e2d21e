"""AWS list prices, us-east-1, US dollars, without any free tier; `SOURCES` says where each is published."""

MILLION = 1e6
GIB = 1024**3

DYNAMODB_WRITE = 0.625 / MILLION
DYNAMODB_READ = 0.125 / MILLION
DYNAMODB_STORAGE_GB_MONTH = 0.25
DYNAMODB_RECOVERY_GB_MONTH = 0.20
SQS_REQUEST = 0.40 / MILLION
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_ARM_GB_SECOND = 0.0000133334
API_GATEWAY_REQUEST = 3.50 / MILLION
TRANSFER_OUT_GB = 0.09
LOGS_INGESTED_GB = 0.50
LOGS_STORED_GB_MONTH = 0.03
XRAY_TRACE = 5.00 / MILLION
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10

SOURCES = (
    ("DynamoDB on demand, storage, point-in-time recovery", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    ("SQS standard queues, each 64 KB a request", "https://aws.amazon.com/sqs/pricing/"),
    ("Lambda requests and arm64 GB-seconds", "https://aws.amazon.com/lambda/pricing/"),
    ("API Gateway REST API requests", "https://aws.amazon.com/api-gateway/pricing/"),
    ("CloudWatch logs, metrics and alarms", "https://aws.amazon.com/cloudwatch/pricing/"),
    ("X-Ray traces recorded", "https://aws.amazon.com/xray/pricing/"),
    ("S3 Standard requests", "https://aws.amazon.com/s3/pricing/"),
    ("Data transfer out", "https://aws.amazon.com/ec2/pricing/on-demand/"),
)
